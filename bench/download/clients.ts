import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled } from './servers.ts'

/** What one run took. `cpuSeconds` is the client's own, user and system. */
export type Run = { seconds: number; cpuSeconds: number; peakBytes?: number; connections?: number }
/** `once`: too slow for more rounds. */
export type Client = { name: string; once?: boolean; run(): Promise<Run> }
export type Job = {
  urls: readonly string[]
  sha256: readonly string[]
  /** Something small on the same server. */
  warmUp: string
  /** Scratch space, emptied after each run. */
  directory: string
  certificate: string
}

const easelScript = fileURLToPath(new URL('easel.process.mjs', import.meta.url))

export function easel(job: Job, { durable = false } = {}): Client {
  const question = JSON.stringify({ ...job, durable })
  return {
    name: durable ? 'easel, verified and on the disk' : 'easel, verified',
    run: async () => {
      const command = `"$0" "$1" "$2"`
      const run = await shell(job, command, [process.execPath, easelScript, question])
      return { ...(JSON.parse(run.output) as Run), cpuSeconds: run.cpuSeconds }
    },
  }
}

/** Nothing where aria2 is not installed. */
export function aria2(job: Job, { connections = 16, checksum = false } = {}): Client[] {
  if (!isInstalled('aria2c', '--version')) return []
  const [url] = job.urls
  const many = `-x${connections} -s${connections} -k1M --file-allocation=none --allow-overwrite=true`
  const check = checksum ? `--checksum=sha-256=${job.sha256[0]}` : ''
  const command = `aria2c -q ${many} ${check} --ca-certificate="$1" -d "$0" -o file ${url}`
  return [{ name: `aria2c -x${connections}${checksum ? ' --checksum' : ''}`, run: () => shell(job, command) }]
}

/** All of them at once, in one process. */
export function aria2Together(job: Job): Client[] {
  if (!isInstalled('aria2c', '--version')) return []
  const list = job.urls.map((url, index) => `${url}\n  out=file-${index}\n`).join('')
  const count = job.urls.length
  const command = `printf '%s' "$2" | aria2c -q -i - -j${count} -x1 --file-allocation=none -d "$0"`
  return [
    { name: `aria2c -j${count}`, run: () => shell(job, command, [job.directory, job.certificate, list]) },
  ]
}

export function curl(job: Job, then: 'nothing' | 'sha256sum' | 'openssl' | 'sync' = 'nothing'): Client {
  const fetch = `curl -sf --cacert "$1" ${job.urls[0]}`
  const commands = {
    nothing: `${fetch} -o "$0/file"`,
    sha256sum: `${fetch} | tee "$0/file" | sha256sum >/dev/null`,
    openssl: `${fetch} -o "$0/file" && openssl dgst -sha256 "$0/file" >/dev/null`,
    sync: `${fetch} -o "$0/file" && sync "$0/file"`,
  }
  const names = {
    nothing: 'curl -o',
    sha256sum: 'curl | tee | sha256sum',
    openssl: 'curl && openssl dgst',
    sync: 'curl && sync',
  }
  return { name: names[then], run: () => shell(job, commands[then]) }
}

async function shell(
  { directory, certificate }: Job,
  command: string,
  options: readonly string[] = [directory, certificate],
): Promise<Run & { output: string }> {
  mkdirSync(directory, { recursive: true })
  const begun = performance.now()
  const child = spawn('bash', ['-c', `${command} || exit 1; times >&2`, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
  })
  let output = ''
  let times = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (times += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  const seconds = (performance.now() - begun) / 1_000
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${times}`)
  rmSync(join(directory), { recursive: true, force: true })
  return { seconds, cpuSeconds: cpuOf(times), output }
}

/** bash tells its own times, then those of what it has run: `0m1.234s 0m0.567s`. */
function cpuOf(times: string): number {
  const last = times.trim().split('\n').at(-1) ?? ''
  const parts = [...last.matchAll(/(\d+)m([\d.]+)s/g)]
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}
