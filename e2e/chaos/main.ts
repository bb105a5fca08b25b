import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { faultKinds } from './support/fault-plan.ts'
import { runChaos } from './support/run.ts'
import type { FaultKind } from './support/fault-plan.ts'
import type { ChaosReport } from './support/run.ts'

const help = `Plays faults to a whole cluster under load, then checks every promise.

  --seed <number>      the same seed plans the same faults and jobs (random)
  --faults <number>    1000
  --jobs <number>      5000
  --workers <number>   4
  --gap <ms>           between the beginnings of two faults, on average (1500)
  --at-once <number>   faults at the same time, at the most (3)
  --only <kinds>       with commas, e.g. 'kill control,cut link'
  --report <file>      where the report goes, as JSON
  --keep               keeps the folder of the run
  --help
`

const options = {
  seed: { type: 'string' },
  faults: { type: 'string', default: '1000' },
  jobs: { type: 'string', default: '5000' },
  workers: { type: 'string', default: '4' },
  gap: { type: 'string', default: '1500' },
  'at-once': { type: 'string', default: '3' },
  only: { type: 'string' },
  report: { type: 'string' },
  keep: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const log = (line: string) => void process.stdout.write(`${line}\n`)

async function main(): Promise<number> {
  const { values } = parseArgs({ options })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const folder = await mkdtemp(join(tmpdir(), 'easel-chaos-'))
  const stopping = new AbortController()
  // No more faults and jobs then; what was promised so far is still checked.
  process.once('SIGINT', () => stopping.abort())
  try {
    const report = await runChaos({
      seed: Number(values.seed ?? Math.floor(Math.random() * 1e9)),
      faults: Number(values.faults),
      jobs: Number(values.jobs),
      workers: Number(values.workers),
      meanGapMs: Number(values.gap),
      atOnce: Number(values['at-once']),
      ...(values.only !== undefined && { kinds: kindsOf(values.only) }),
      folder,
      signal: stopping.signal,
      log,
    })
    process.stdout.write(summary(report))
    if (values.report !== undefined) await write(values.report, report)
    return report.findings.violations.length > 0 ? 1 : 0
  } finally {
    if (!values.keep) await rm(folder, { recursive: true, force: true })
    else process.stdout.write(`kept: ${folder}\n`)
  }
}

function kindsOf(text: string): FaultKind[] {
  return text.split(',').map((kind) => {
    if (!(kind in faultKinds)) throw new Error(`There is no fault '${kind}'`)
    return kind as FaultKind
  })
}

function summary({ seed, storm, load, findings, seconds }: ChaosReport): string {
  const rows = [...storm.kinds].sort((a, b) => b[1] - a[1])
  return [
    '',
    `seed ${seed}: ${storm.struck} faults over ${load.accepted} accepted jobs in ${seconds} s`,
    ...rows.map(([kind, faults]) => `  ${String(faults).padStart(5)} × ${kind}`),
    ...storm.failed.map((line) => `  not done: ${line}`),
    `  ${load.submitted} submitted, ${load.untaken} taken by nobody`,
    findings.text(),
    '',
  ].join('\n')
}

async function write(file: string, { findings, storm, ...report }: ChaosReport): Promise<void> {
  const { violations, looked } = findings
  const faults = { ...storm, kinds: Object.fromEntries(storm.kinds) }
  await mkdir(dirname(file), { recursive: true })
  const text = JSON.stringify(
    { ...report, faults, violations, looked: Object.fromEntries(looked) },
    undefined,
    2,
  )
  await writeFile(file, `${text}\n`)
}

process.exitCode = await main()
