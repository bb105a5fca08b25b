import { expect, test } from 'vitest'
import type { SourceQuery } from '../src/sources/source.ts'
import { nsfwBits } from '../src/sources/source-model.ts'
import { openTestSources } from './support/open-test-sources.ts'

test('each filter becomes the value that CivitAI itself uses', async () => {
  await using sources = await openTestSources()
  const cases: [SourceQuery, string][] = [
    [{ types: ['lora', 'embedding'] }, 'types=LORA&types=TextualInversion'],
    [{ bases: ['Flux.1 d', 'illustrious'] }, 'baseModels=Flux.1 D&baseModels=Illustrious'],
    [{ period: 'month' }, 'period=Month'],
    [{ sort: 'newest' }, 'sort=Newest'],
    [{ sort: 'rating' }, 'sort=Highest Rated'],
    [{ tag: 'style' }, 'tag=style'],
    [{ creator: 'birdie' }, 'username=birdie'],
    [{ nsfwLevels: 31 }, 'nsfw=true'],
    [{ commercialUse: 'sell' }, 'allowCommercialUse=Sell'],
    [{ commercialUse: 'rent-civitai' }, 'allowCommercialUse=RentCivit'],
    [{ limit: 7 }, 'limit=7'],
  ]

  for (const [query, expected] of cases) {
    await sources.civitai.search(query)
    expect(sources.asked().at(-1)).toContain(expected)
  }
  await sources.civitai.search({ bases: ['sdxl'] })
  expect(sources.asked().at(-1)).toContain('baseModels=SDXL 1.0')
  expect(sources.standIns.requests.every(({ status }) => status === 200)).toBe(true)
})

test('what CivitAI cannot be asked is told, and nothing but PG is asked for unless more may be seen', async () => {
  await using sources = await openTestSources()

  const page = await sources.civitai.search({ task: 'text-to-image', library: 'diffusers' })

  expect(page.warnings.map(({ text }) => text)).toEqual([
    'CivitAI knows no tasks',
    'CivitAI knows no libraries',
  ])
  expect(sources.asked().at(-1)).toContain('nsfw=false')
  expect(page.value.every(({ nsfwLevel }) => (nsfwLevel & 1) === 1)).toBe(true)
})

test('cursors lead through everything once', async () => {
  await using sources = await openTestSources()
  const seen: string[] = []
  let cursor: string | null = null

  do {
    const page = await sources.civitai.search({
      limit: 9,
      nsfwLevels: 31,
      ...(cursor !== null && { cursor }),
    })
    seen.push(...page.value.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== null)

  const all = sources.standIns.civitai.world.models.filter(({ mode }) => mode !== 'Archived')
  expect(new Set(seen)).toEqual(new Set(all.map(({ id }) => String(id))))
  expect(seen).toHaveLength(all.length)
})

test('a cursor from elsewhere is refused before anybody is asked', async () => {
  await using sources = await openTestSources()

  await expect(sources.civitai.search({ cursor: 'x&types=LORA' })).rejects.toMatchObject({ code: 'invalid' })

  expect(sources.asked()).toEqual([])
})

test('text with filters still finds a name that CivitAI does not find that way', async () => {
  await using sources = await openTestSources()

  const page = await sources.civitai.search({
    text: 'growing orchard',
    types: ['checkpoint'],
    bases: ['illustrious'],
  })
  const none = await sources.civitai.search({ text: 'growing orchard', types: ['lora'] })

  expect(page.value.map(({ name }) => name)).toEqual(['Growing Orchard Mix'])
  expect(none.value).toEqual([])
})

test('text with filters finds by the filter alone when text alone finds nothing', async () => {
  await using sources = await openTestSources()
  using _ = sources.standIns.fault({
    kind: 'status',
    status: 200,
    body: { items: [], metadata: {} },
    path: /./,
    server: 'civitai',
    times: 2,
  })

  const page = await sources.civitai.search({ text: 'orchard growing', types: ['checkpoint'] })

  expect(page.value.map(({ name }) => name)).toEqual(['Growing Orchard Mix'])
})

test('a model comes with versions, files, hashes, words, pictures and licence, whatever is missing or odd', async () => {
  await using sources = await openTestSources()
  const { special } = sources.standIns.civitai.world
  const upstream = special.manyFiles.modelVersions[0]!

  const { value: model } = await sources.civitai.getModel(String(special.manyFiles.id))
  const { value: fresh } = await sources.civitai.getModel(String(special.brandNew.id))

  const [version] = model.versions
  expect(model).toMatchObject({ source: 'civitai', type: 'checkpoint', sourceType: 'Checkpoint', mode: null })
  expect(model.descriptionMarkdown).toContain('**fun**')
  expect(model.description).not.toContain('*')
  expect(version!.files.map(({ role, primary, format }) => [role, primary, format])).toEqual([
    ['Model', true, 'safetensors'],
    ['Model', false, 'safetensors'],
    ['VAE', false, 'safetensors'],
    ['Config', false, 'other'],
  ])
  expect(version!.files[0]).toMatchObject({
    bytes: sources.standIns.civitai.world.bytes.get(upstream.files[0]!.id)!.length,
    bytesExact: true,
    sha256: upstream.files[0]!.hashes['SHA256']!.toLowerCase(),
    precision: 'fp16',
    size: 'pruned',
  })
  expect(version!.files[2]!.downloadUrl).toContain('type=VAE')
  expect(fresh.stats).toEqual({ downloads: null, likes: null, dislikes: null, rating: null })
  expect(fresh.versions[0]!.files).toEqual([])
})

test('the pictures of a version have their generation data', async () => {
  await using sources = await openTestSources()
  const { modelVersions } = sources.standIns.civitai.world.special.manyVersions
  const withMeta = modelVersions.find(({ images }) => images.some(({ meta }) => meta))!

  const { value } = await sources.civitai.getVersion!(String(withMeta.id))

  const { value: model } = await sources.civitai.getModel(
    String(sources.standIns.civitai.world.special.manyVersions.id),
  )

  const image = value.version.images.find(({ meta }) => meta)!
  expect(image.meta).toMatchObject({ size: `${image.width}x${image.height}`, negative: 'blurry, cropped' })
  expect(image.meta!.seed).toBeGreaterThan(0)
  expect(image.meta!.loras).toHaveLength(1)
  expect(value.version.air).toMatch(/^urn:air:illustrious:checkpoint:civitai:\d+@\d+$/)
  expect(value.modelName).toBe('Growing Orchard Mix')
  expect(model.versions[0]!.images.map(({ meta }) => meta !== null)).toEqual(
    modelVersions[0]!.images.map(({ meta }) => meta !== null),
  )
  expect(model.versions[0]!.images.map(({ id }) => id)).toEqual(
    modelVersions[0]!.images.map(({ id }) => String(id)),
  )
})

test('early access, archives and take-downs are told with the page where to act', async () => {
  await using sources = await openTestSources()
  const { special } = sources.standIns.civitai.world

  const { value: earlyModel } = await sources.civitai.getModel(String(special.earlyAccess.id))
  const { value: early } = await sources.civitai.getVersion!(String(special.earlyAccess.modelVersions[0]!.id))
  const { value: archived } = await sources.civitai.getModel(String(special.archived.id))

  expect(early.version.gate.kind).toBe('early-access')
  expect(early.version.gate.approvalUrl).toContain(`/models/${special.earlyAccess.id}?modelVersionId=`)
  expect(Date.parse(early.version.gate.until!)).toBeGreaterThan(Date.now())
  expect(earlyModel.versions[0]!.gate).toEqual(early.version.gate)
  expect(archived.mode).toBe('archived')
  expect(archived.versions[0]!.files).toEqual([])
})

test('hashes of every kind are found, many at once, and unknown ones are left out', async () => {
  await using sources = await openTestSources()
  const files = sources.standIns.civitai.world.models.flatMap(({ modelVersions }) =>
    modelVersions.flatMap((each) => each.files),
  )
  const some = files.slice(0, 5).map(({ hashes }) => hashes['SHA256']!)
  const { AutoV2, AutoV3 } = files[0]!.hashes

  const many = await sources.civitai.findByHashes!([...some, 'f'.repeat(64)])
  const short = await sources.civitai.findByHashes!([AutoV2!, AutoV3!.toLowerCase(), 'abcdef0123'])

  expect(many.map(({ hash }) => hash)).toEqual(some.map((hash) => hash.toLowerCase()))
  expect(short.map(({ hash, file }) => [hash, file.sha256])).toEqual([
    [AutoV2!.toLowerCase(), files[0]!.hashes['SHA256']!.toLowerCase()],
    [AutoV3!.toLowerCase(), files[0]!.hashes['SHA256']!.toLowerCase()],
  ])
})

test('an odd item never loses its page', async () => {
  await using sources = await openTestSources()
  const items = [
    { id: 'x', name: 'no id' },
    'not even an object',
    {
      id: 5,
      name: 7,
      tags: 'a',
      type: 'Brand New Type',
      stats: { downloadCount: 'many' },
      modelVersions: [{ id: 6, files: [{ sizeKB: '1' }], images: [null] }],
    },
    { id: 8, name: '__proto__', type: 'LORA', modelVersions: null, unheard: { of: 1 } },
  ]
  using _ = sources.standIns.fault({
    kind: 'status',
    status: 200,
    body: { items, metadata: { nextCursor: 5 } },
    server: 'civitai',
  })

  const page = await sources.civitai.search({})

  expect(page.value.map(({ id, type }) => [id, type])).toEqual([
    ['5', 'other'],
    ['8', 'lora'],
  ])
  expect(page.value[1]!.raw).toMatchObject({ unheard: { of: 1 } })
  expect(page.warnings.length).toBeGreaterThan(3)
  expect(page.warnings).toContainEqual({ text: 'a model without an id was left out', count: 1 })
})

test('levels above PG are left out unless they may be seen', async () => {
  await using sources = await openTestSources()

  const tame = await sources.civitai.search({ limit: 100 })
  const some = await sources.civitai.search({ limit: 100, nsfwLevels: nsfwBits.pg | nsfwBits.pg13 })
  const all = await sources.civitai.search({ limit: 100, nsfwLevels: 31 })

  expect(tame.value.map(({ name }) => name)).not.toContain('Grown Up Scenes')
  expect(some.value.map(({ name }) => name)).not.toContain('Grown Up Scenes')
  expect(all.value.map(({ name }) => name)).toContain('Grown Up Scenes')
})
