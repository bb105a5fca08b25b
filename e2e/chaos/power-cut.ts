import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startCluster } from './support/cluster.ts'
import { LoopDisk } from './support/loop-disk.ts'
import { cutPower } from './support/power.ts'
import { Random } from './support/random.ts'
import { setStage } from './support/run.ts'

const help = `Cuts the power of a whole cluster under load, again and again, then checks every promise.
Postgres, NATS, Redis and the blobs lie on an ext4 of their own in a loop image: needs root and loop devices.

  --cuts <number>      10
  --seed <number>      of the load and of the moments (random)
  --jobs <number>      per cut, at the most (200)
  --disk <GiB>         size of the image, which is sparse; the streams want 7 (10)
  --keep               keeps the folder of the run
  --help
`

const options = {
  cuts: { type: 'string', default: '10' },
  seed: { type: 'string' },
  jobs: { type: 'string', default: '200' },
  disk: { type: 'string', default: '10' },
  keep: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const readyMs = 240_000
const settleMs = 120_000
const log = (line: string) => void process.stdout.write(`${line}\n`)

async function main(): Promise<number> {
  const { values } = parseArgs({ options })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  if (process.getuid?.() !== 0) throw new Error('Loop devices need root')
  const folder = await mkdtemp(join(tmpdir(), 'easel-power-cut-'))
  try {
    return await play(folder, {
      cuts: Number(values.cuts),
      seed: Number(values.seed ?? Math.floor(Math.random() * 1e9)),
      jobs: Number(values.jobs),
      gibibytes: Number(values.disk),
    })
  } finally {
    if (!values.keep) await rm(folder, { recursive: true, force: true })
  }
}

type Play = { cuts: number; seed: number; jobs: number; gibibytes: number }

async function play(folder: string, { cuts, seed, jobs, gibibytes }: Play): Promise<number> {
  const random = new Random(seed)
  log(`seed ${seed}: ${cuts} power cuts`)
  await using disk = await LoopDisk.make(folder, gibibytes)
  await using cluster = await startCluster({ folder: disk.path, scratch: folder, workers: 3, unsafe: false })
  await using stage = await setStage(cluster, { jobs: jobs * cuts, random: random.fork() })
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort())
  let begun = 1
  const loaded = stage.load.run(stopping.signal, () => begun / cuts)
  for (let cut = 1; cut <= cuts && !stopping.signal.aborted; cut++) {
    begun = cut
    await delay(random.integer(1_000, 8_000))
    const { accepted, open } = stage.load
    log(`cut ${cut}: ${accepted.size} jobs accepted, ${open} of them open`)
    await cutPower(cluster, disk)
    await cluster.untilReady(readyMs)
  }
  stopping.abort()
  await loaded
  const findings = await stage.check({ settleMs, log })
  log(`${cuts} power cuts over ${stage.load.accepted.size} accepted jobs`)
  log(findings.text())
  return findings.violations.length > 0 ? 1 : 0
}

process.exitCode = await main()
