import { tempDirectory } from '@easel/testing'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export type Ran = { code: number | null; stdout: string; stderr: string }
export type Running = Promise<Ran> & { readonly child: ChildProcessWithoutNullStreams; saidSoFar(): string }

/** A folder to be in, with nothing of this machine's own in the environment. */
export async function cliHome() {
  const home = await tempDirectory()
  return {
    path: home.path,
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
    /** Runs the real command in a process of its own. */
    easel(words: readonly string[], options: { env?: Record<string, string>; input?: string } = {}): Running {
      const child = spawn(
        process.execPath,
        ['--conditions=@easel/source', '--disable-warning=ExperimentalWarning', main, ...words],
        {
          cwd: home.path,
          env: {
            PATH: process.env.PATH,
            HOME: home.path,
            XDG_CONFIG_HOME: `${home.path}/config`,
            // Shared, so that only the first run of all compiles.
            XDG_CACHE_HOME: join(tmpdir(), 'easel-cli-tests'),
            ...options.env,
          },
        },
      )
      return following(child, options.input)
    },
  }
}

function following(child: ChildProcessWithoutNullStreams, input: string | undefined): Running {
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // A command that asks for nothing may be gone before it is told anything.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const ran = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  return Object.assign(ran, { child, saidSoFar: () => stdout + stderr })
}
