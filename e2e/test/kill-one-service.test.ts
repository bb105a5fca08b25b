import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { samplerGraph } from '../support/graphs.ts'
import { serviceNames, startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Json } from '../support/api.ts'

test(
  'kill -9 of any one service in the middle of twenty jobs: all twenty end, none twice',
  { timeout: 300_000 },
  async () => {
    await using services = await startServices()
    const api = new Api(services.url, bootstrapKey)

    for (const [round, victim] of serviceNames.entries()) {
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, index) => api.submit(samplerGraph(round * 100 + index, 8))),
      )
      await waitFor(async () => (await endedOf(api, ids)).length >= 3, {
        describe: 'three of the twenty to end',
        timeoutMs: 60_000,
      })

      await services.killAndRestart(victim)

      const jobs = await Promise.all(ids.map((id) => api.finished(id, 60_000)))
      const statuses = jobs.map((job) => job.status as string)
      expect(statuses, `after the death of ${victim}`).toEqual(Array.from(ids, () => 'succeeded'))
      await waitFor(async () => (await countAssets(api, ids)) >= ids.length, {
        describe: 'the gallery to have them all',
        timeoutMs: 60_000,
      })
      expect(await countAssets(api, ids), `assets after the death of ${victim}`).toBe(ids.length)
      for (const job of jobs) expect(job.outputs).toHaveLength(1)
    }
  },
)

async function endedOf(api: Api, ids: readonly string[]): Promise<Json[]> {
  const { body } = await api.get('/api/jobs?status=succeeded&limit=200')
  return (body.items as Json[]).filter((job) => ids.includes(job.id as string))
}

async function countAssets(api: Api, ids: readonly string[]): Promise<number> {
  const { body } = await api.get('/api/assets?limit=200')
  return (body.items as Json[]).filter((asset) => ids.includes(asset.jobId as string)).length
}
