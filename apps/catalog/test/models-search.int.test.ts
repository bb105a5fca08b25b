import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ModelCard, SearchModels } from '@easel/contracts'
import { openModels } from './support/open-models.ts'
import type { ModelsHouse } from './support/open-models.ts'

let house: ModelsHouse
beforeAll(async () => {
  house = await openModels()
  await house.start()
})
afterAll(() => house[Symbol.asyncDispose]())

const namesOf = (items: readonly ModelCard[]) => items.map(({ name }) => name)
const find = (search: SearchModels) => house.models.search({ limit: 100, ...search })

test('one search brings both sources, and both say that they were asked', async () => {
  const { items, sources } = await find({ maxNsfw: 'xxx' })

  expect(new Set(items.map(({ source }) => source))).toEqual(new Set(['civitai', 'huggingface']))
  expect(sources).toEqual([
    expect.objectContaining({ source: 'civitai', state: 'asked' }),
    expect.objectContaining({ source: 'huggingface', state: 'asked' }),
  ])
})

test('the same question is not asked again', async () => {
  await find({ q: 'orchard' })
  house.standIns.clearRequests()

  const { sources, items } = await find({ q: 'orchard' })

  expect(sources.map(({ state }) => state)).toEqual(['cached', 'cached'])
  expect(house.standIns.requests).toEqual([])
  expect(namesOf(items)).toContain('Growing Orchard Mix')
})

test('what is known is found while nobody is asked', async () => {
  await find({ q: 'plain detail' })
  house.standIns.clearRequests()

  const { items, sources } = await find({ q: 'plain detail', offline: true })

  expect(namesOf(items)[0]).toBe('Plain Detail Style')
  expect(house.standIns.requests).toEqual([])
  expect(sources.every(({ state }) => state === 'cached')).toBe(true)
})

test('a source that is down costs nothing but its news', async () => {
  using _down = house.standIns.fault({ kind: 'offline', server: 'huggingface' })

  const { items, sources } = await find({ q: 'members only' })

  expect(namesOf(items)).toContain('Members Only Style')
  expect(sources).toContainEqual(
    expect.objectContaining({
      source: 'huggingface',
      state: 'failed',
      code: expect.any(String),
      message: expect.any(String),
    }),
  )
  expect(sources).toContainEqual(expect.objectContaining({ source: 'civitai', state: 'asked' }))
})

test('a source that does not answer in time is not waited for', async () => {
  await using patient = await openModels()
  using _hanging = patient.standIns.fault({ kind: 'hang', server: 'huggingface' })
  await patient.start({ models: { ...patient.house.config.models, searchDeadlineMs: 1_500, syncMs: 0 } })

  const { items, sources } = await patient.models.search({ q: 'early bird' })

  expect(namesOf(items)).toContain('Early Bird Style')
  expect(sources).toContainEqual(
    expect.objectContaining({ source: 'huggingface', state: 'failed', code: 'SOURCE_TIMEOUT' }),
  )
})

test('every filter narrows what is shown', async () => {
  await find({ maxNsfw: 'xxx' })
  const all = async (search: SearchModels) => (await find({ offline: true, maxNsfw: 'xxx', ...search })).items

  for (const card of await all({ type: ['lora'] })) expect(card.type).toBe('lora')
  for (const card of await all({ base: ['sdxl'] })) expect(card.family).toBe('sdxl')
  for (const card of await all({ base: ['Flux.1 D'] })) expect(card.baseModel).toBe('Flux.1 D')
  for (const card of await all({ sources: ['huggingface'] })) expect(card.source).toBe('huggingface')
  for (const card of await all({ commercialUse: true })) expect(card.commercialUse).toBe(true)
  for (const card of await all({ task: 'text-to-image' })) expect(card.source).toBe('huggingface')
  const [plain] = (await all({ q: 'plain detail style' })).filter(({ name }) => name === 'Plain Detail Style')
  const byCreator = await all({ creator: plain!.creator!.toUpperCase() })
  expect(namesOf(byCreator)).toContain('Plain Detail Style')
  for (const card of byCreator) expect(card.creator).toBe(plain!.creator)
  const byTag = await all({ tag: [plain!.tags[0]!] })
  expect(namesOf(byTag)).toContain('Plain Detail Style')
  for (const card of byTag) expect(card.tags).toContain(plain!.tags[0])
  const day = await all({ period: 'day', sources: ['civitai'] })
  expect(namesOf(day)).toContain('Minutes Old Style')
  expect(namesOf(day)).not.toContain('Members Only Style')
  expect((await all({ type: ['lora'], base: ['sdxl'], q: 'style' })).length).toBeGreaterThan(0)
  expect(await all({ installed: true })).toEqual([])
  expect(await all({ favorite: true })).toEqual([])
})

test('words and filters together still find a name', async () => {
  const { items } = await find({ q: 'orchard', type: ['checkpoint'], base: ['illustrious'] })

  expect(namesOf(items)).toContain('Growing Orchard Mix')
})

test('nothing above the level is shown, nor its pictures', async () => {
  const { items } = await find({ q: 'grown up scenes' })
  const open = await find({ q: 'grown up scenes', maxNsfw: 'xxx' })

  expect(namesOf(items)).not.toContain('Grown Up Scenes')
  expect(namesOf(open.items)).toContain('Grown Up Scenes')
  const everything = await find({ maxNsfw: 'r', offline: true })
  for (const card of everything.items) {
    expect(['pg', 'pg13', 'r']).toContain(card.nsfw)
    expect(['pg', 'pg13', 'r', undefined]).toContain(card.image?.nsfw)
  }
})

test('pages hold every model once, in every order, while others come in between', async () => {
  await find({ maxNsfw: 'xxx' })
  for (const sort of ['relevance', 'downloads', 'likes', 'newest', 'updated', 'name'] as const) {
    const search = { q: 'style', sort, offline: true, maxNsfw: 'xxx' } as const
    const whole = (await house.models.search({ ...search, limit: 200 })).items.map(({ id }) => id)
    const paged: string[] = []
    let cursor: string | undefined
    do {
      const page = await house.models.search({ ...search, limit: 3, ...(cursor ? { cursor } : {}) })
      paged.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
      if (paged.length === 3) {
        house.standIns.civitai.world.add({ name: `Later ${sort} Style`, type: 'LORA', baseModel: 'Pony' })
        await house.models.search({ q: `later ${sort}` })
      }
    } while (cursor)
    expect(new Set(paged).size).toBe(paged.length)
    expect(paged.filter((id) => whole.includes(id)).toSorted()).toEqual(whole.toSorted())
  }
})

test('facets count what was found', async () => {
  const { facets } = await find({ q: 'style', facets: true, offline: true, maxNsfw: 'xxx' })
  const { items } = await find({ q: 'style', offline: true, limit: 200, maxNsfw: 'xxx' })

  const loras = items.filter(({ type }) => type === 'lora').length
  expect(facets?.type).toContainEqual({ value: 'lora', count: loras })
  expect(facets?.source.reduce((sum, { count }) => sum + count, 0)).toBe(items.length)
  expect(facets?.exact).toBe(true)
})

test('a slip of the finger finds what was meant, and says so', async () => {
  await find({ q: 'orchard' })

  const { items, didYouMean } = await find({ q: 'ocrhard mix', offline: true })

  expect(didYouMean).toBe('orchard mix')
  expect(namesOf(items)).toContain('Growing Orchard Mix')
})

test('names come while they are typed', async () => {
  await find({ q: 'orchard' })

  await expect(house.models.suggest({ q: 'growing orch' })).resolves.toEqual({
    items: ['Growing Orchard Mix'],
  })
  await expect(house.models.suggest({ q: '!!' })).resolves.toEqual({ items: [] })
  await expect(house.models.suggest({ q: 'grown up sc' })).resolves.toEqual({ items: [] })
})

test.each(["'; drop table models; --", '\\', "a'b:*|!&(", '%_', '__proto__', 'constructor', '🙂', "''"])(
  'the question %j is only a question',
  async (q) => {
    await expect(find({ q, offline: true })).resolves.toMatchObject({ items: expect.any(Array) })
    await expect(find({ tag: [q], base: [q], creator: q, offline: true })).resolves.toMatchObject({
      items: [],
    })
  },
)

test('a NUL and a cursor of another search are refused', async () => {
  const { nextCursor } = await house.models.search({ q: 'style', limit: 1, offline: true, maxNsfw: 'xxx' })

  await expect(find({ q: 'a\0b', offline: true })).rejects.toMatchObject({ code: 'invalid' })
  await expect(find({ sort: 'name', cursor: nextCursor!, offline: true })).rejects.toMatchObject({
    code: 'invalid',
  })
  await expect(find({ cursor: 'nonsense', offline: true })).rejects.toMatchObject({ code: 'invalid' })
})
