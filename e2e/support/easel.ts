import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Json } from './api.ts'

const main = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

export type Told = { code: number; stdout: string; stderr: string }

/** The command, signed in, in a folder of its own. */
export function easelAt(url: string, { key, home }: { key: string; home: string }) {
  const run = async (words: readonly string[], input = ''): Promise<Told> => {
    const options = ['--conditions=@easel/source', '--disable-warning=ExperimentalWarning']
    const child = spawn(process.execPath, [...options, main, ...words], {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, EASEL_URL: url, EASEL_API_KEY: key },
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.stdin.end(input)
    const [code] = (await once(child, 'close')) as [number]
    return { code, stdout, stderr }
  }
  return {
    run,
    /** What it answers to `--json`; it must succeed. */
    async json(...words: string[]): Promise<Json> {
      const { code, stdout, stderr } = await run([...words, '--json'])
      if (code !== 0) throw new Error(`easel ${words.join(' ')} ended with ${code}: ${stderr}`)
      return JSON.parse(stdout) as Json
    },
  }
}
