import { fileURLToPath } from 'node:url'
import { migrate, openDatabase } from '@easel/database'
import type { Database } from '@easel/database'
import { testDatabase } from '@easel/testing'
import type { SearchModels } from '@easel/contracts'
import { expect, test } from 'vitest'
import { CatalogueWriter } from '../src/models/catalogue-writer.ts'
import { SearchService } from '../src/models/search.service.ts'
import { SourceAsker } from '../src/models/source-asker.ts'
import type { Sources } from '../src/models/keeping-source.ts'
import { SpellingRepository } from '../src/models/spelling.repository.ts'
import { aFile, aModel, aVersion } from './support/source-models.ts'
import { silent } from './support/start-catalog.ts'

const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url))
const user = '00000000-0000-7000-8000-000000000001'

type Catalogue = AsyncDisposable & {
  database: Database
  writer: CatalogueWriter
  find(search: SearchModels): ReturnType<SearchService['find']>
}

async function openCatalogue(): Promise<Catalogue> {
  await using stack = new AsyncDisposableStack()
  const { url } = stack.use(
    await testDatabase({
      service: 'catalog',
      migrations,
      migrate: async (at) => void (await migrate({ url: at, schema: 'catalog', directory: migrations })),
    }),
  )
  const database = stack.use(openDatabase({ url, schema: 'catalog', poolSize: 4 }))
  const asker = stack.use(
    new SourceAsker({ database, sources: {} as Sources, log: silent, deadlineMs: 1_000, maxAgeMs: 1_000 }),
  )
  const service = new SearchService(database, asker)
  const owned = stack.move()
  return {
    database,
    writer: new CatalogueWriter({ database, log: silent }),
    find: (search) => service.find(search, user),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function rowsOf(database: Database, sql: string): Promise<Record<string, unknown>[]> {
  return (await database.query(sql)).rows
}

test('what is told twice is written once', async () => {
  await using catalogue = await openCatalogue()
  const models = [aModel(), aModel({ id: '2', name: 'Harbour' })]

  const first = await catalogue.writer.keep(models, 'listed')
  const second = await catalogue.writer.keep(models, 'listed')
  const newer = aModel({ versions: [aVersion({ id: '12', name: 'v2' }), aVersion()] })
  const third = await catalogue.writer.keep([newer, models[1]!], 'listed')

  expect(first).toMatchObject({ keys: { length: 2 }, added: 2 })
  expect(second).toEqual({ keys: [], added: 0 })
  expect(third).toMatchObject({ keys: { length: 1 }, added: 1 })
})

test('a list takes nothing away from what was told in full', async () => {
  await using catalogue = await openCatalogue()
  await catalogue.writer.keep([aModel({ versions: [aVersion({ id: '12' }), aVersion()] })], 'whole')

  const poor = aFile({ sha256: null, autoV2: null, bytes: null })
  await catalogue.writer.keep([aModel({ versions: [aVersion({ files: [poor] })] })], 'listed')
  await catalogue.writer.keep([aModel({ name: '?', versions: [aVersion()] })], 'version')

  expect(await rowsOf(catalogue.database, 'select name from models')).toEqual([{ name: 'Castle Style' }])
  expect(
    await rowsOf(
      catalogue.database,
      `select v.id, withdrawn, sha256, bytes::int from model_versions v join model_files f on f.version_key = v.key order by v.id`,
    ),
  ).toEqual([
    { id: '11', withdrawn: false, sha256: 'a'.repeat(64), bytes: 1_000 },
    { id: '12', withdrawn: false, sha256: 'a'.repeat(64), bytes: 1_000 },
  ])
})

test('what a whole answer leaves out is withdrawn', async () => {
  await using catalogue = await openCatalogue()
  const images = ['a', 'b'].map((name) => ({
    id: null,
    url: `https://example.org/${name}.jpeg`,
    kind: 'image' as const,
    width: 1,
    height: 1,
    nsfwLevel: 1,
    hash: null,
    meta: null,
    rawMeta: null,
  }))
  await catalogue.writer.keep([aModel({ versions: [aVersion({ id: '12' }), aVersion({ images })] })], 'whole')

  await catalogue.writer.keep([aModel({ versions: [aVersion({ images: images.slice(1) })] })], 'whole')

  expect(await rowsOf(catalogue.database, 'select id from model_versions where withdrawn')).toEqual([
    { id: '12' },
  ])
  expect(await rowsOf(catalogue.database, 'select url from model_images')).toEqual([{ url: images[1]!.url }])
})

test('one odd model does not lose the page', async () => {
  await using catalogue = await openCatalogue()
  const odd = aModel({
    id: '2',
    type: 'lora',
    licence: { ...aModel().licence, gate: { kind: null as never, until: null, approvalUrl: null } },
  })

  const kept = await catalogue.writer.keep(
    [
      aModel({ id: '' }),
      odd,
      aModel({ id: '3' }),
      aModel({ id: '4', name: '\ud800', raw: { '\0': '\ud800' } }),
    ],
    'listed',
  )

  expect(kept.keys).toHaveLength(2)
  expect(await rowsOf(catalogue.database, 'select id from models order by id')).toEqual([
    { id: '3' },
    { id: '4' },
  ])
})

test('what fits best comes first, and pages beyond the candidates still hold every model once', async () => {
  await using catalogue = await openCatalogue()
  const models = Array.from({ length: 900 }, (_, index) =>
    aModel({
      id: String(index + 1),
      name: index % 3 === 0 ? `Castle ${index}` : `House ${index}`,
      description: 'near a castle',
      stats: { ...aModel().stats, downloads: (index * 7_919) % 100_000 },
      versions: [],
    }),
  )
  models.push(
    aModel({ id: '5000', name: 'Castle', stats: { ...aModel().stats, downloads: 0 }, versions: [] }),
  )
  for (let at = 0; at < models.length; at += 200) {
    await catalogue.writer.keep(models.slice(at, at + 200), 'listed')
  }
  await new SpellingRepository(catalogue.database).recount()

  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await catalogue.find({
      q: 'castle',
      limit: 70,
      offline: true,
      ...(cursor ? { cursor } : {}),
    })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
  } while (cursor)

  expect(seen[0]).toBe('5000')
  expect(seen).toHaveLength(901)
  expect(new Set(seen).size).toBe(901)
  const named = new Set(models.filter(({ name }) => name.startsWith('Castle')).map(({ id }) => id))
  expect(seen.slice(0, 100).filter((id) => named.has(id)).length).toBeGreaterThan(95)
})

test('many are counted by a sample, few one by one', async () => {
  await using catalogue = await openCatalogue()
  for (let at = 0; at < 6_400; at += 400) {
    const models = Array.from({ length: 400 }, (_, index) =>
      aModel({
        id: String(at + index + 1),
        name: `Castle ${at + index}`,
        description: (at + index) % 64 === 0 ? 'moat' : null,
        type: (at + index) % 4 === 0 ? 'vae' : 'lora',
        versions: [],
      }),
    )
    await catalogue.writer.keep(models, 'listed')
  }

  const many = await catalogue.find({ q: 'castle', facets: true, limit: 1, offline: true })
  const few = await catalogue.find({ q: 'moat', facets: true, limit: 1, offline: true })

  const loras = many.facets?.type.find(({ value }) => value === 'lora')?.count ?? 0
  expect(many.facets?.exact).toBe(false)
  expect(Math.abs(loras - 4_800)).toBeLessThan(1_000)
  expect(few.facets).toMatchObject({ exact: true, type: [{ value: 'vae', count: 100 }] })
})
