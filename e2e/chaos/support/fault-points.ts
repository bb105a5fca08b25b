import { waitFor } from '@easel/testing'
import type { FaultPoint, Recorded } from '../inside/orders.ts'
import type { Accepted } from './load.ts'
import type { Client } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { Member } from './member.ts'

export type Flow = 'submit' | 'bind' | 'settle'
export type PlannedDeath = FaultPoint & { flow: Flow }

/** The statement that only this flow has. */
const markOf: Readonly<Record<Flow, string>> = {
  submit: 'job-insert',
  bind: 'schedule-bind',
  settle: 'job-save',
}

/** Takes down, from a run of one job, what control says to its database: whatever that is in this release. */
export async function recordFlows(
  cluster: Cluster,
  runJob: () => Promise<unknown>,
): Promise<Record<Flow, readonly string[]>> {
  const controls = cluster.of('control')
  for (const control of controls) control.order({ type: 'record' })
  await runJob()
  const answers = await Promise.all(controls.map((control) => control.ask<Recorded>({ type: 'recorded' })))
  const transactions = answers.flatMap((answer) => answer.transactions)
  const longest = (flow: Flow) => {
    const found = transactions.filter((statements) => statements.includes(markOf[flow]))
    if (found.length === 0) throw new Error(`No transaction has ${markOf[flow]}: what does ${flow} now?`)
    return found.reduce((a, b) => (b.length > a.length ? b : a))
  }
  return { submit: longest('submit'), bind: longest('bind'), settle: longest('settle') }
}

/** Before each statement, while each change and commit is on its way, and after the last. */
export function deathsIn(flow: Flow, statements: readonly string[]): PlannedDeath[] {
  const seen = new Map<string, number>()
  const body = statements.filter((statement) => !statement.startsWith('begin'))
  return body.flatMap((statement, index) => {
    const nth = (seen.get(statement) ?? 0) + 1
    seen.set(statement, nth)
    // Other transactions end as well: this one is known by what it did before.
    const within = statement === 'commit' ? { within: markOf[flow] } : {}
    const point = { flow, statement, nth, ...within }
    const isLast = index === body.length - 1
    const changes = statement === 'commit' || statement === markOf[flow]
    return [
      { ...point, when: 'before' as const },
      ...(changes ? [{ ...point, when: 'during' as const }] : []),
      ...(isLast ? [{ ...point, when: 'after' as const }] : []),
    ]
  })
}

export type Deaths = {
  cluster: Cluster
  client: Client
  deaths: readonly PlannedDeath[]
  graph: object
  remember: (job: Pick<Accepted, 'id' | 'key'>) => void
  log: (line: string) => void
}

/**
 * Kills the control that comes to each point, one point after the other, a job for each. What a control held when it
 * died comes to another only seconds later, so a point that nobody came to is tried again when the others have been.
 * Gives the points that nobody came to at all.
 */
export async function dieAtEach(options: Deaths): Promise<readonly PlannedDeath[]> {
  let missed: readonly PlannedDeath[] = options.deaths
  for (let round = 1; round <= rounds && missed.length > 0; round++) {
    missed = await dieAtAll({ ...options, deaths: missed }, round)
  }
  return missed
}

async function dieAtAll(options: Deaths, round: number): Promise<PlannedDeath[]> {
  const { deaths, client, graph, remember, log } = options
  const controls = options.cluster.of('control')
  const missed: PlannedDeath[] = []
  const answers: Promise<void>[] = []
  for (const [index, death] of deaths.entries()) {
    const submit = async (name: string) => {
      const key = `${name} in round ${round}`
      const answer = await client.send('POST', '/api/jobs', { body: { workflow: graph }, key })
      if (answer?.status !== 202)
        throw new Error(`The job of ${nameOf(death)} was answered ${answer?.status}`)
      const id = String(answer.body.id)
      remember({ id, key })
      return id
    }
    if (death.flow === 'settle') {
      if (!(await settleAndDie({ options, death, submit }))) missed.push(death)
    } else {
      await waitFor(async () => (await Promise.all(controls.map((each) => each.isReady()))).some(Boolean), {
        timeoutMs: runMs,
        describe: 'a control',
      })
      const dead = dieAt(options, death)
      // Who asks may wait for its deadline: the next point need not.
      answers.push(submit(`point-${index}`).then(() => undefined))
      if (!(await dead)) missed.push(death)
    }
    log(`${missed.includes(death) ? 'missed' : 'died'} ${nameOf(death)}`)
  }
  await Promise.all(answers)
  return missed
}

const rounds = 4
const tries = 2
const runMs = 30_000
const dieMs = 8_000

type Settling = { options: Deaths; death: PlannedDeath; submit: (key: string) => Promise<string> }

/** Armed when the job runs, so that it is its end that is settled. One that had ended by then is no trial. */
async function settleAndDie({ options, death, submit }: Settling): Promise<boolean> {
  for (let attempt = 1; attempt <= tries; attempt++) {
    const id = await submit(`${nameOf(death)} ${attempt}`)
    const begun = async () => {
      const answer = await options.client.once('GET', `/api/jobs/${id}`)
      return answer?.status === 200 && answer.body.status !== 'queued' && String(answer.body.status)
    }
    const seen = await waitFor(begun, { timeoutMs: runMs, describe: `job ${id} to run` })
    if (seen === 'running' && (await dieAt(options, death))) return true
  }
  // A start may come to a control that has just died, and be told with the end: then any settlement will do.
  await submit(`${nameOf(death)} at last`)
  return dieAt(options, death)
}

/** The first that comes there dies; the others are told to forget it. One that is just being started is no candidate. */
async function dieAt({ cluster }: Deaths, { flow: _flow, ...point }: PlannedDeath): Promise<boolean> {
  const armed = new Map<Member, number>()
  const arm = async () => {
    for (const control of cluster.of('control')) {
      const { starts } = control
      if (armed.has(control) || !(await control.isReady()) || control.starts !== starts) continue
      armed.set(control, starts)
      control.arm(point)
    }
  }
  const isDead = ([control, starts]: [Member, number]) =>
    control.pid === undefined || control.starts !== starts
  const someoneDied = async () => {
    if ([...armed].some(isDead)) return true
    await arm()
    return false
  }
  const died = await waitFor(someoneDied, { timeoutMs: dieMs }).catch(() => false)
  for (const control of cluster.of('control')) control.disarm()
  return died
}

function nameOf({ flow, when, statement, nth }: PlannedDeath): string {
  return `${when} ${statement}${(nth ?? 1) > 1 ? ` (${nth})` : ''} of ${flow}`
}
