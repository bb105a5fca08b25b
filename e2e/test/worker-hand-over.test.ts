import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { samplerGraph } from '../support/graphs.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Json } from '../support/api.ts'
import type { Services } from '../support/services.ts'

const graceMs = 10_000

test(
  'a worker that is killed, stopped or frozen loses its job to another one, and the job ends once',
  { timeout: 300_000 },
  async () => {
    await using services = await startServices({ replicas: 2, stepMs: 5 })
    const api = new Api(services.url, bootstrapKey)

    const killed = await begin(services, api, 1)
    await services.kill('worker', killed.replica)
    const afterKill = await killed.begunElsewhere()
    await services.start('worker', killed.replica)
    expect(await killed.end()).toMatchObject([
      { state: 'lost', error: { code: 'WORKER_LOST' } },
      { state: 'succeeded' },
    ])

    const stopped = await begin(services, api, 2, 10_000)
    const startedAt = performance.now()
    expect(await services.stop('worker', stopped.replica)).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(graceMs)
    await stopped.begunElsewhere()
    expect((await api.send('POST', `/api/jobs/${stopped.id}/cancel`)).status).toBeLessThan(300)
    await services.start('worker', stopped.replica)
    expect((await attemptsOf(api, stopped.id))[0]).toMatchObject({
      state: 'lost',
      error: { code: 'HANDED_BACK' },
    })

    const frozen = await begin(services, api, 3)
    const { process } = services.program('worker', frozen.replica)
    process.kill('SIGSTOP')
    const afterFreeze = await frozen.begunElsewhere()
    const history = await frozen.end()
    const before = await api.get(`/api/jobs/${frozen.id}`)
    process.kill('SIGCONT')
    await readyAgain(api)

    expect(history).toMatchObject([{ state: 'lost' }, { state: 'succeeded' }])
    // What the one from the past says comes too late.
    expect((await api.get(`/api/jobs/${frozen.id}`)).body).toEqual(before.body)
    const { body } = await api.get('/api/assets?limit=200')
    expect((body.items as Json[]).filter(({ jobId }) => jobId === frozen.id)).toHaveLength(1)

    // Two and six seconds on a machine that has nothing else to do.
    expect(afterKill).toBeLessThan(8_000)
    expect(afterFreeze).toBeLessThan(15_000)
  },
)

type Begun = {
  id: string
  /** Of the worker that runs it. */
  replica: number
  /** Milliseconds until the other worker's ComfyUI has it. */
  begunElsewhere(): Promise<number>
  /** Its attempts when it has succeeded. */
  end(): Promise<Json[]>
}

/** A job that runs for a while on one of the two workers. */
async function begin(services: Services, api: Api, seed: number, steps = 800): Promise<Begun> {
  await readyAgain(api)
  const seen = services.simulators.map(({ stats }) => stats.prompts.length)
  const newOn = (replica: number) => services.simulators[replica]!.stats.prompts[seen[replica]!]
  const id = await api.submit(samplerGraph(seed, steps))
  const replica = await waitFor(() => [0, 1].find((each) => newOn(each)?.startedAt !== undefined))
  await waitFor(async () => (await api.get(`/api/jobs/${id}`)).body.status === 'running')
  return {
    id,
    replica,
    async begunElsewhere() {
      const from = performance.now()
      await waitFor(() => newOn(1 - replica), { timeoutMs: 30_000, describe: 'the other worker to begin' })
      return performance.now() - from
    },
    async end() {
      const job = await api.finished(id, 60_000)
      expect(job).toMatchObject({ status: 'succeeded' })
      expect(job.outputs).toHaveLength(1)
      return attemptsOf(api, id)
    },
  }
}

async function attemptsOf(api: Api, id: string): Promise<Json[]> {
  return (await api.get(`/api/jobs/${id}`)).body.attempts as Json[]
}

async function readyAgain(api: Api): Promise<void> {
  await waitFor(
    async () => {
      const { body } = await api.get('/api/system/workers')
      const ready = (body.items as Json[]).filter(({ state }) => state === 'ready')
      return ready.length === 2
    },
    { timeoutMs: 60_000, describe: 'both workers to be ready' },
  )
}
