import { expect, test } from 'vitest'
import type { SourceQuery } from '../src/sources/source.ts'
import { openTestSources } from './support/open-test-sources.ts'

const asText = (query: string | undefined) => decodeURIComponent(query ?? '')

test("each filter becomes the value of the hub's own API", async () => {
  await using sources = await openTestSources()
  const cases: [SourceQuery, string][] = [
    [{ text: 'lantern' }, 'search=lantern'],
    [{ creator: 'quarry' }, 'author=quarry'],
    [{ task: 'image-to-video' }, 'pipeline_tag=image-to-video'],
    [{ library: 'diffusers' }, 'filter=safetensors&filter=diffusers'],
    [{ library: 'gguf' }, 'filter=gguf'],
    [{ types: ['lora'] }, 'filter=lora'],
    [{ filters: ['license:mit'] }, 'filter=license:mit'],
    [{ tag: 'anime' }, 'filter=anime'],
    [{ bases: ['sdxl'] }, 'filter=base_model:stabilityai/stable-diffusion-xl-base-1.0'],
    [{ gated: false }, 'gated=false'],
    [{ sort: 'newest' }, 'sort=createdAt&direction=-1'],
    [{ sort: 'oldest' }, 'sort=createdAt&direction=1'],
    [{ sort: 'likes' }, 'sort=likes&direction=-1'],
    [{ sort: 'updated', direction: 'ascending' }, 'sort=lastModified&direction=1'],
    [{ sort: 'trending' }, 'sort=trendingScore'],
    [{ limit: 3 }, 'limit=3'],
  ]

  for (const [query, expected] of cases) {
    await sources.huggingface.search(query)
    expect(
      asText(sources.asked('huggingface').find((request) => asText(request).includes(expected))),
    ).toContain(expected)
  }
  expect(sources.standIns.requests.every(({ status }) => status === 200)).toBe(true)
})

test('only repositories that hold weights are found', async () => {
  await using sources = await openTestSources()

  const { value } = await sources.huggingface.search({ limit: 100, nsfwLevels: 31 })
  const ggufs = await sources.huggingface.search({ limit: 100, library: 'gguf' })

  const ids = value.map(({ id }) => id)
  expect(ids).toContain('standin-labs/lantern-xl')
  expect(ids).not.toContain('quarry/says-safetensors')
  expect(ids).not.toContain('quarry/only-pickles')
  expect(ggufs.value.map(({ id }) => id)).toEqual(['quarry/small-quants-gguf'])
})

test('the pages of the Link header lead through everything once', async () => {
  await using sources = await openTestSources()
  const seen: string[] = []
  let cursor: string | null = null

  do {
    const page = await sources.huggingface.search({ limit: 4, ...(cursor !== null && { cursor }) })
    seen.push(...page.value.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== null)

  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBeGreaterThan(12)
})

test('a model comes with its files, licence, bases and card, pinned to the commit', async () => {
  await using sources = await openTestSources()
  const repo = sources.standIns.huggingface.world.find('standin-labs/lantern-xl-turbo')!
  const [commit] = repo.commits

  const { value: model } = await sources.huggingface.getModel(repo.id)

  const file = model.versions[0]!.files.find(({ primary }) => primary)!
  const upstream = commit!.files.find(({ path }) => path === 'lantern_xl_turbo.safetensors')!
  expect(model).toMatchObject({ id: repo.id, creator: { name: 'standin-labs' }, task: 'text-to-image' })
  expect(model.derivedFrom).toEqual(['standin-labs/lantern-xl'])
  expect(model.licence).toMatchObject({ id: 'other', name: 'stand-in-community', commercialUse: null })
  expect(model.descriptionMarkdown).toMatch(/^# lantern-xl-turbo/)
  expect(file).toMatchObject({ id: upstream.path, bytes: upstream.bytes.length, sha256: upstream.sha256 })
  expect(file.downloadUrl).toBe(
    `${sources.standIns.huggingface.url}/${repo.id}/resolve/${commit!.sha}/${upstream.path}`,
  )
})

test('all files of a repository come by pages, with the SHA-256 of the large ones, of the commit that a tag names', async () => {
  await using sources = await openTestSources({ standIns: { treePage: 50 } })
  const repo = sources.standIns.huggingface.world.find('standin-labs/lantern-xl')!

  const many = await sources.huggingface.listFiles('tidal/many-files')
  const old = await sources.huggingface.listFiles(repo.id, { revision: 'v1' })

  expect(many.value.files.filter(({ sha256 }) => sha256 !== null)).toHaveLength(120)
  expect(old.value.versionId).toBe(repo.commits[1]!.sha)
  expect(old.value.files.map(({ id }) => id)).not.toContain('model_index.json')
  const again = await sources.huggingface.listFiles(repo.id, { revision: repo.commits[1]!.sha })
  expect(again.value).toEqual(old.value)
})

test('an old name leads to the new one', async () => {
  await using sources = await openTestSources()

  const { value } = await sources.huggingface.getModel('standin-old/lantern')

  expect(value.id).toBe('standin-labs/lantern-xl')
})

test('gated repositories are known, with the page that lets in', async () => {
  await using sources = await openTestSources()

  const auto = await sources.huggingface.getModel('gated-gallery/click-through')
  const manual = await sources.huggingface.listFiles('gated-gallery/ask-first')
  const { value: model } = await sources.huggingface.getModel('gated-gallery/ask-first')

  const { url } = sources.standIns.huggingface
  expect(auto.value.licence.gate).toEqual({
    kind: 'terms',
    until: null,
    approvalUrl: `${url}/gated-gallery/click-through`,
  })
  expect(model.licence.gate.kind).toBe('approval')
  expect(model.descriptionMarkdown).toBeNull()
  expect(manual.value.files.length).toBeGreaterThan(1)
})

test('what is private is not there, but for a token that may see it', async () => {
  await using sources = await openTestSources()

  await expect(sources.huggingface.getModel('gated-gallery/nobody-knows')).rejects.toMatchObject({
    code: 'not_found',
    reason: 'MODEL_NOT_FOUND',
  })
  sources.tokens.huggingface = 'hf_standinreader'
  const { value } = await sources.huggingface.getModel('gated-gallery/nobody-knows')

  expect(value.versions[0]!.files.map(({ id }) => id)).toContain('secret.safetensors')
})

test('a token that the hub does not know keeps nothing public away', async () => {
  await using sources = await openTestSources()
  sources.tokens.huggingface = 'hf_wrong'

  const { value } = await sources.huggingface.search({ text: 'lantern' })

  expect(value.length).toBeGreaterThan(0)
})

test('names that are no names are refused before anybody is asked', async () => {
  await using sources = await openTestSources()

  for (const id of ['../etc/passwd', 'a/b/c', 'a b', '', 'a/b?x=1']) {
    await expect(sources.huggingface.getModel(id)).rejects.toMatchObject({ code: 'not_found' })
  }
  await expect(
    sources.huggingface.listFiles('a/b', { revision: '0'.repeat(40), below: '../..' }),
  ).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(sources.asked('huggingface')).toEqual([])
})

test('levels, licences and periods that the hub cannot be asked for are filtered here', async () => {
  await using sources = await openTestSources()

  const all = await sources.huggingface.search({ limit: 100, nsfwLevels: 31 })
  const tame = await sources.huggingface.search({ limit: 100 })
  const sellable = await sources.huggingface.search({ limit: 100, commercialUse: 'sell' })
  const today = await sources.huggingface.search({ limit: 100, period: 'day' })

  expect(all.value.map(({ id }) => id)).toContain('after-dark/evening-scenes')
  expect(tame.value.map(({ id }) => id)).not.toContain('after-dark/evening-scenes')
  expect(sellable.value.map(({ id }) => id)).not.toContain('tidal/voice')
  expect(sellable.value.length).toBeGreaterThan(3)
  expect(today.value).toEqual([])
})
