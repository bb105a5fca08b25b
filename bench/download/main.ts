import { spawnSync } from 'node:child_process'
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { aria2, aria2Together, curl, easel } from './clients.ts'
import type { Client, Job, Run } from './clients.ts'
import { limitBytes, startServers } from './servers.ts'

const { values } = parseArgs({
  options: {
    mebibytes: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '3' },
    /** Where the files lie: a folder on the disk that is meant. */
    directory: { type: 'string', default: tmpdir() },
    only: { type: 'string' },
  },
})
const mebibyte = 1024 * 1024
const bytes = Number(values.mebibytes) * mebibyte
const rounds = Number(values.rounds)
const together = 16

type Scenario = { name: string; title: string; bytes: number; clients: Client[] }

await using stack = new AsyncDisposableStack()
const home = await mkdtemp(join(values.directory, 'easel-bench-download-'))
stack.defer(() => rm(home, { recursive: true, force: true }))
const whole = makeFile('whole.bin', bytes)
const small = makeFile('small.bin', mebibyte)
const parts = Array.from({ length: together }, (_, index) => makeFile(`part-${index}.bin`, bytes / together))
const servers = stack.use(await startServers(home))

const job = (port: number, files: readonly (typeof whole)[], scheme = 'http'): Job => ({
  urls: files.map(({ name }) => `${scheme}://127.0.0.1:${port}/${name}`),
  sha256: files.map(({ sha256 }) => sha256),
  warmUp: `${scheme}://127.0.0.1:${port}/${small.name}`,
  directory: join(home, 'out'),
  certificate: servers.certificate,
})

const plain = job(servers.plain, [whole])
const delayed = job(servers.delayed, [whole])
const limited = job(servers.limited, [whole])
const secure = job(servers.secure, [whole], 'https')
const many = job(servers.plain, parts)
const scenarios: Scenario[] = [
  {
    name: 'plain',
    title: 'HTTP',
    bytes,
    clients: [
      curl(plain),
      easel(plain),
      curl(plain, 'openssl'),
      curl(plain, 'sha256sum'),
      ...aria2(plain),
      ...aria2(plain, { checksum: true }),
      easel(plain, { durable: true }),
      curl(plain, 'sync'),
    ],
  },
  {
    name: 'tls',
    title: 'TLS',
    bytes,
    clients: [curl(secure), easel(secure), ...aria2(secure), ...aria2(secure, { checksum: true })],
  },
  {
    name: 'delay',
    title: '20 ms of added delay',
    bytes,
    clients: [curl(delayed), easel(delayed), ...aria2(delayed), ...aria2(delayed, { checksum: true })],
  },
  {
    name: 'limit',
    title: `each connection limited to ${limitBytes / mebibyte} MiB/s`,
    bytes,
    clients: [{ ...curl(limited), once: true }, easel(limited), ...aria2(limited)],
  },
  {
    name: 'many',
    title: `${together} files at once`,
    bytes,
    clients: [easel(many), ...aria2Together(many)],
  },
]

process.stdout.write(
  `${values.mebibytes} MiB from ${servers.kind}, ${availableParallelism()} processors, load ${loadavg()[0]!.toFixed(1)}, median of ${rounds} rounds\n`,
)
if (aria2(plain).length === 0) process.stdout.write('aria2c is not installed\n')
for (const scenario of scenarios) {
  if (values.only && !values.only.split(',').includes(scenario.name)) continue
  await measure(scenario)
}

/** The clients in turn, round after round, so that what disturbs one disturbs all. */
async function measure({ title, clients, bytes: size }: Scenario): Promise<void> {
  const runs = new Map<string, Run[]>(clients.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, once } of clients) if (round === 0 || !once) runs.get(name)!.push(await run())
  }
  const first = median(runs.get(clients[0]!.name)!, 'seconds')
  const rows = clients.map(({ name }) => {
    const all = runs.get(name)!
    const seconds = median(all, 'seconds')
    const last = all.at(-1)!
    return {
      client: name,
      s: seconds.toFixed(2),
      'MiB/s': Math.round(size / mebibyte / seconds),
      [`to ${clients[0]!.name}`]: (seconds / first).toFixed(2),
      'CPU s': median(all, 'cpuSeconds').toFixed(2),
      'peak MiB': last.peakBytes
        ? Math.round(Math.max(...all.map(({ peakBytes = 0 }) => peakBytes)) / mebibyte)
        : '',
      connections: last.connections ?? '',
    }
  })
  process.stdout.write(`\n${title}\n`)
  console.table(Object.fromEntries(rows.map(({ client, ...row }) => [client, row])))
}

function median(runs: readonly Run[], figure: 'seconds' | 'cpuSeconds'): number {
  const sorted = runs.map((run) => run[figure]).toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)]!
}

/** Bytes that do not repeat. */
function makeFile(name: string, size: number): { name: string; sha256: string } {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16))
  const zeros = Buffer.alloc(4 * mebibyte)
  const hash = createHash('sha256')
  const file = openSync(join(home, name), 'w')
  for (let at = 0; at < size;) {
    const piece = cipher.update(zeros.subarray(0, Math.min(zeros.length, size - at)))
    hash.update(piece)
    at += writeSync(file, piece)
  }
  closeSync(file)
  // The disk is not to be busy with it while others are measured.
  spawnSync('sync', [join(home, name)])
  return { name, sha256: hash.digest('hex') }
}
