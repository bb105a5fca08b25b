import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from '../queue/measures.ts'
import { scanFolder, secondsOf } from './easel-scan.ts'
import { makeModels, makeSmallFiles } from './model-data.ts'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '200' },
    gib: { type: 'string', default: '20' },
    'real-gib': { type: 'string', default: '4' },
    small: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '1' },
    directory: { type: 'string', default: tmpdir() },
  },
})
const gib = 1024 ** 3
const totalBytes = Number(values.gib) * gib
const cores = availableParallelism()

await using stack = new AsyncDisposableStack()
const home = await mkdtemp(join(values.directory, 'easel-bench-models-'))
stack.defer(() => rm(home, { recursive: true, force: true }))
const models = join(home, 'models')
await makeModels(models, {
  files: Number(values.files),
  totalBytes,
  realBytes: Math.min(totalBytes, Number(values['real-gib']) * gib),
})
await everyFile(models, 'cat', '/dev/null')

const rates: [name: string, perSecond: number[]][] = [
  [`sha256sum, ${cores} at once`, []],
  [`openssl dgst -sha256, ${cores} at once`, []],
  ['Easel: scan, SHA-256 and AutoV3', []],
]
let peak = 0
for (let round = 0; round < Number(values.rounds); round += 1) {
  rates[0]![1].push(totalBytes / gib / (await everyFile(models, 'sha256sum')))
  rates[1]![1].push(totalBytes / gib / (await everyFile(models, 'openssl', 'dgst', '-sha256')))
  const scan = await scanFolder(models)
  if (scan.first.hashed !== Number(values.files))
    throw new Error(`Only ${scan.first.hashed} files were hashed`)
  rates[2]![1].push(totalBytes / gib / secondsOf(scan.first))
  peak = Math.max(peak, scan.peakMiB)
}
const best = rates.map(([name, perSecond]) => [name, Math.max(...perSecond)] as const)
table(
  `${values.files} files, ${values.gib} GiB, ${values['real-gib']} of them not holes, ${cores} cores`,
  ['', 'GiB/s', 'of sha256sum'],
  best.map(([name, rate]) => [name, rate, rate / best[0]![1]]),
)
console.log(`  the catalog took at most ${Math.round(peak)} MiB of memory`)

const small = join(home, 'small')
await makeSmallFiles(small, Number(values.small))
const { first, again } = await scanFolder(small)
table(
  `${values.small} small files`,
  ['', 'seconds', 'files hashed'],
  [
    ['first scan', secondsOf(first), String(first.hashed)],
    ['second scan', secondsOf(again), String(again.hashed)],
  ],
)

/** Runs a program over each file, one for each core at once. Gives the seconds. */
async function everyFile(directory: string, ...program: string[]): Promise<number> {
  const startedAt = performance.now()
  const command = 'find "$0" -type f -print0 | xargs -0 -n 1 -P "$1" "${@:2}" > /dev/null'
  const child = spawn('bash', ['-c', command, directory, String(cores), ...program], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number]
  if (code !== 0) throw new Error(`${program[0]} ended with ${code}`)
  return (performance.now() - startedAt) / 1_000
}
