import { setTimeout as delay } from 'node:timers/promises'
import { Api } from '../../support/api.ts'
import { addPerson, must } from '../../support/people.ts'
import { bootstrapKey } from '../../support/standalone.ts'
import { checkInvariants } from './check.ts'
import { Client, Tally } from './client.ts'
import { startCluster } from './cluster.ts'
import { planFaults } from './fault-plan.ts'
import { Findings } from './findings.ts'
import { Ledger, terminal } from './ledger.ts'
import { Load } from './load.ts'
import { Messages } from './messages.ts'
import { Random } from './random.ts'
import { startReceiver } from './receiver.ts'
import { storm } from './storm.ts'
import { Subscriber } from './subscriber.ts'
import type { Cluster } from './cluster.ts'
import type { FaultKind, PlannedFault } from './fault-plan.ts'
import type { LoadOptions } from './load.ts'
import type { Person } from '../../support/people.ts'
import type { StormReport } from './storm.ts'

export type ChaosOptions = {
  seed: number
  faults: number
  jobs: number
  workers: number
  /** Between the beginnings of two faults, on average. */
  meanGapMs: number
  atOnce?: number
  kinds?: readonly FaultKind[]
  folder: string
  log: (line: string) => void
  signal?: AbortSignal
  settleMs?: number
}

export type ChaosReport = {
  seed: number
  plan: readonly PlannedFault[]
  storm: StormReport
  load: { submitted: number; accepted: number; untaken: number }
  findings: Findings
  seconds: number
}

/** Everything around a cluster that a run needs: people, load, listeners, and who looks at the ledger. */
export type Stage = AsyncDisposable & {
  cluster: Cluster
  load: Load
  tally: Tally
  ledger: Ledger
  people: readonly Person[]
  check(settleMs: number): Promise<Findings>
}

export type StageOptions = Pick<LoadOptions, 'jobs' | 'open'> & { random: Random }

const peopleCount = 3

export async function setStage(cluster: Cluster, { random, ...options }: StageOptions): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const admin = new Api(cluster.gateways[0]!, bootstrapKey)
  const people: Person[] = []
  const spaces: string[][] = []
  for (let number = 1; number <= peopleCount; number++) {
    const person = await addPerson(admin, `person-${number}`)
    people.push(person)
    const team = await must(person.api.send('POST', '/api/spaces', { name: `Team ${number}` }), 201)
    spaces.push([String(team.id)])
  }
  const tally = new Tally()
  const receiver = stack.use(await startReceiver(random.fork()))
  const { gateways } = cluster
  const webhookUrl = (await hasWebhooks(admin)) ? receiver.url : undefined
  const load = new Load({
    ...options,
    gateways,
    people,
    spaces,
    random: random.fork(),
    tally,
    ...(webhookUrl !== undefined && { webhookUrl }),
  })
  const subscribers = people.flatMap((person, index) =>
    (['socket', 'server-sent'] as const).map((kind) => ({
      person: index,
      subscriber: stack.use(
        new Subscriber({
          name: `the ${kind} listener of person ${index + 1}`,
          gateways,
          headers: person.api.credentials,
          kind,
          random: random.fork(),
        }),
      ),
    })),
  )
  const ledger = new Ledger(cluster.servers.postgres.url)
  stack.use(watchEnds(ledger, load))
  const checking = random.fork()
  const owned = stack.move()
  return {
    cluster,
    load,
    tally,
    ledger,
    people,
    check: (settleMs) => {
      receiver.calm()
      return checkInvariants({
        cluster,
        ledger,
        load,
        tally,
        owner: (person) => new Client(gateways, people[person]!.api.key, { random: checking, tally }),
        subscribers,
        receiver: webhookUrl === undefined ? undefined : receiver,
        findings: new Findings(),
        settleMs,
      })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function hasWebhooks(admin: Api): Promise<boolean> {
  const { body } = await admin.get('/api/openapi.json')
  return Object.keys(body.paths as object).some((path) => path.includes('webhook'))
}

/** So that the load knows how much of it is open, whatever happens to those who listen. */
function watchEnds(ledger: Ledger, load: Load): AsyncDisposable {
  const closing = new AbortController()
  const watch = async () => {
    while (!closing.signal.aborted) {
      await delay(500, undefined, { signal: closing.signal }).catch(() => undefined)
      const ended = await ledger
        .ask<{ id: string }>('select id from inference.jobs where status = any($1)', [terminal])
        .catch(() => [])
      for (const { id } of ended) load.noteEnd(id)
    }
  }
  const running = watch()
  return {
    async [Symbol.asyncDispose]() {
      closing.abort()
      await running
    },
  }
}

/** Load and faults together, until both are through; then the checker. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, faults, jobs, workers, meanGapMs, kinds, folder, log, atOnce = 3 } = options
  const { signal = new AbortController().signal, settleMs = 120_000 } = options
  const began = performance.now()
  const random = new Random(seed)
  const plan = planFaults({ faults, random: random.fork(), meanGapMs, ...(kinds && { kinds }) })
  log(`seed ${seed}: ${faults} faults, ${jobs} jobs, ${workers} workers`)
  await using cluster = await startCluster({ folder, workers })
  await using messages = await Messages.open(cluster.servers.nats.url)
  await using stage = await setStage(cluster, { jobs, random: random.fork() })
  log(`the cluster is ready after ${seconds(began)} s`)

  const progress = setInterval(() => {
    const { accepted, open } = stage.load
    log(`… ${seconds(began)} s: ${accepted.size} accepted, ${open} open`)
  }, 15_000)
  const loaded = stage.load.run(signal)
  const report = await storm({ cluster, messages, plan, atOnce, signal, log })
  log(`${report.struck} faults have struck after ${seconds(began)} s`)
  cluster.links.heal()
  await loaded
  clearInterval(progress)
  log(`all is submitted after ${seconds(began)} s`)
  const findings = await stage.check(settleMs)
  const { submitted, untaken, accepted } = stage.load
  return {
    seed,
    plan,
    storm: report,
    load: { submitted, accepted: accepted.size, untaken },
    findings,
    seconds: seconds(began),
  }
}

const seconds = (since: number) => Math.round((performance.now() - since) / 100) / 10
