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
import type { CheckContext } from './check-context.ts'
import type { Cluster } from './cluster.ts'
import type { FaultKind } from './fault-plan.ts'
import type { LoadOptions } from './load.ts'
import type { Person } from '../../support/people.ts'
import type { StormReport } from './storm.ts'

export type ChaosOptions = Omit<PlayOptions, 'random'> & {
  seed: number
  jobs: number
  workers: number
  folder: string
  settleMs?: number
}

export type ChaosReport = {
  seed: number
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
  /** Asks as this person. */
  client(person: number): Client
  check(options: CheckOptions): Promise<Findings>
}

export type CheckOptions = Pick<CheckContext, 'settleMs'> & Partial<Pick<CheckContext, 'sweep' | 'log'>>

export type StageOptions = Pick<LoadOptions, 'jobs' | 'open'> & {
  random: Random
  /** Of its people. */
  name?: string
}

const peopleCount = 3

export async function setStage(
  cluster: Cluster,
  { random, name = 'person', ...options }: StageOptions,
): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const admin = new Api(cluster.gateways[0]!, bootstrapKey)
  const people: Person[] = []
  const spaces: string[][] = []
  for (let number = 1; number <= peopleCount; number++) {
    const person = await addPerson(admin, `${name}-${number}`)
    people.push(person)
    const team = await must(person.api.send('POST', '/api/spaces', { name: `Team ${number}` }), 201)
    spaces.push([String(team.id)])
  }
  // A budget that is never used up: what is held back for it has to come back all the same.
  const budget = { gpuSecondsPerDay: 1e6, costMicrosPerMonth: 1e12, maxOpen: 100_000 }
  await must(admin.send('PUT', `/api/users/${people[0]!.id}/budget`, budget), 200)
  await must(admin.send('PUT', `/api/spaces/${spaces[1]![0]!}/budget`, budget), 200)
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
  const client = (person: number) =>
    new Client(gateways, people[person]!.api.key, { random: checking, tally })
  const owned = stack.move()
  return {
    cluster,
    load,
    tally,
    ledger,
    people,
    client,
    check: ({ settleMs, sweep = true, log = () => undefined }) => {
      receiver.calm()
      return checkInvariants({
        cluster,
        ledger,
        load,
        tally,
        owner: client,
        subscribers,
        receiver: webhookUrl === undefined ? undefined : receiver,
        findings: new Findings(),
        settleMs,
        sweep,
        log,
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

export type PlayOptions = {
  faults: number
  random: Random
  /** Between the beginnings of two faults, on average. */
  meanGapMs: number
  /** Faults at the same time, at the most. */
  atOnce?: number
  kinds?: readonly FaultKind[]
  log: (line: string) => void
  signal?: AbortSignal
}

/** Load and faults together, until both are through. */
export async function playStorm({ cluster, load, tally }: Stage, options: PlayOptions): Promise<StormReport> {
  const { log, atOnce = 3, signal = new AbortController().signal, ...planned } = options
  const plan = planFaults(planned)
  await using messages = await Messages.open(cluster.servers.nats.url)
  const began = performance.now()
  const progress = setInterval(() => {
    const refused = [...tally.statuses]
      .filter(([status]) => Number(status) >= 500)
      .map((each) => each.join(' × '))
    log(
      `… ${seconds(began)} s: ${load.accepted.size} accepted, ${load.open} open; so far ${refused.join(', ')}, ${tally.unanswered} unanswered`,
    )
  }, 15_000)
  const over = new AbortController()
  try {
    let begun = 0
    const loaded = load.run(AbortSignal.any([signal, over.signal]), () => (begun + 1) / plan.length)
    const onBegin = () => (begun += 1)
    const report = await storm({ cluster, messages, plan, atOnce, signal, log, onBegin })
    begun = plan.length
    log(`${report.struck} faults have struck after ${seconds(began)} s`)
    cluster.links.heal()
    await loaded
    // What was to go wrong there at some later prompt is forgotten.
    await Promise.all(cluster.of('comfyui').map((member) => member.kill()))
    return report
  } finally {
    over.abort()
    clearInterval(progress)
  }
}

/** A cluster, a storm, and the checker. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, jobs, workers, folder, settleMs = 120_000, ...play } = options
  const began = performance.now()
  const random = new Random(seed)
  play.log(`seed ${seed}: ${play.faults} faults, ${jobs} jobs, ${workers} workers`)
  await using cluster = await startCluster({ folder, workers })
  await using stage = await setStage(cluster, { jobs, random: random.fork() })
  play.log(`the cluster is ready after ${seconds(began)} s`)
  const report = await playStorm(stage, { ...play, random: random.fork() })
  play.log(`all is submitted after ${seconds(began)} s`)
  const findings = await stage.check({ settleMs, log: play.log })
  const { submitted, untaken, accepted } = stage.load
  return {
    seed,
    storm: report,
    load: { submitted, accepted: accepted.size, untaken },
    findings,
    seconds: seconds(began),
  }
}

const seconds = (since: number) => Math.round((performance.now() - since) / 100) / 10
