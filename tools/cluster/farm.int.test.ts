import { expect, test } from 'vitest'
import { startFarm } from './farm.ts'
import { graphOf, virtualModels } from './virtual-models.ts'
import { waitFor } from '@easel/testing'

const models = virtualModels({ count: 6 })

test.each([0, 2])('simulators in %s processes take prompts, count them and end', async (processes) => {
  await using farm = await startFarm({ workers: 3, models, processes, timeScale: 0.001, vramGib: [12, 24] })
  const body = JSON.stringify({ prompt: graphOf(models[0]!, 1), client_id: 'test' })

  for (const url of farm.urls)
    expect((await fetch(`${url}/prompt`, { method: 'POST', body })).status).toBe(200)
  const stats = await waitFor(async () => {
    const all = await farm.stats()
    return all.every(({ succeeded }) => succeeded === 1) && all
  })

  expect(stats.map(({ cold, running }) => ({ cold, running }))).toEqual(
    Array(3).fill({ cold: 1, running: false }),
  )
  expect(farm.places.map(({ vramBytes }) => vramBytes / 1024 ** 3)).toEqual([12, 24, 12])
  const [prompt] = await farm.prompts(2)
  expect(prompt).toMatchObject({ status: 'success', loaded: [models[0]!.file] })
  await farm.crash(1)
  await expect(fetch(`${farm.urls[1]}/system_stats`)).rejects.toThrow('fetch failed')
  await farm.restart(1)
  expect((await fetch(`${farm.urls[1]}/system_stats`)).status).toBe(200)
})

test('the same seed puts the same models on the same workers, each on two at least', async () => {
  const placed = async (seed: number) => {
    await using farm = await startFarm({ workers: 6, models, copies: 0.4, seed, processes: 0 })
    return farm.places.map((place) => place.models)
  }

  const first = await placed(5)

  expect(await placed(5)).toEqual(first)
  expect(await placed(6)).not.toEqual(first)
  for (const { file } of models) expect(first.filter((place) => place.includes(file))).toHaveLength(2)
})
