import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { aGraph, aPng, outputsOf } from './support/samples.ts'
import { anActor, startTestGallery } from './support/start-gallery.ts'
import type { Actor } from '@easel/protocol'
import type { TestGallery } from './support/start-gallery.ts'
import { pngWithText } from './support/png-text.ts'

async function upload(
  app: TestGallery,
  actor: Actor,
  { bytes, ...rest }: { bytes: Buffer } & Record<string, unknown>,
) {
  const stored = await app.put(bytes)
  return app.client.createAsset({ ...stored, filename: 'upload.png', ...rest }, { actor })
}

test('an upload is known by its bytes and tells the graph it carries', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const workflow = { nodes: [], links: [], version: 0.4 }
  const bytes = pngWithText(await aPng(40, 20), {
    prompt: JSON.stringify(aGraph),
    workflow: JSON.stringify(workflow),
  })

  const created = await upload(app, actor, {
    bytes,
    filename: 'what.html',
    tags: ['  Big   Fox ', 'big fox'],
  })
  const asset = await app.client.getAsset({ id: created.id }, { actor })

  expect(asset).toMatchObject({
    kind: 'image',
    origin: 'upload',
    mime: 'image/png',
    filename: 'what.html',
    width: 40,
    height: 20,
    tags: ['big fox'],
    prompt: 'a heron in the reeds',
    seed: '42',
    graph: aGraph,
    workflow,
  })
})

test('bytes that were not uploaded are refused', async () => {
  await using app = await startTestGallery()
  const input = { blob: `blake3:${'a'.repeat(64)}`, bytes: 1, filename: 'a.png' }

  await expect(app.client.createAsset(input, { actor: anActor() })).rejects.toMatchObject({
    code: 'invalid',
    reason: 'ASSET_REFUSED',
  })
})

test('a list is narrowed by everything that is known', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const session = await app.client.createSession({}, { actor })
  const made = await outputsOf(actor, await app.put(await aPng()), { job: { sessionId: session.id } })
  await app.publish(made)
  const { id, createdAt } = await app.settled(made.job.outputs[0]!.assetId, actor)
  await upload(app, actor, { bytes: Buffer.from('just words'), filename: 'words.txt' })
  await app.client.updateAsset(
    { id, tags: ['Water Bird'], notes: 'for the 100% poster', rating: 4, favorite: true },
    { actor },
  )
  const later = new Date(Date.parse(createdAt) + 3_600_000).toISOString()

  for (const filter of [
    { q: 'HERON reed' },
    { q: '100%' },
    { q: 'water ComfyUI_0' },
    { model: 'sd15.safetensors' },
    { tag: 'water bird' },
    { tag: ' Water  BIRD' },
    { kind: 'image' },
    { origin: 'job' },
    { sessionId: session.id },
    { jobId: made.job.id },
    { rating: 4 },
    { favorite: true },
    { createdBy: actor.userId, kind: 'image', until: later },
  ] as const) {
    const { items } = await app.client.listAssets(filter, { actor })
    expect([filter, items.map((item) => item.id)]).toEqual([filter, [id]])
  }
  for (const filter of [
    { q: 'heron nowhere' },
    { q: '_' + '%x' },
    { model: 'sd15' },
    { lora: 'none' },
    { rating: 5 },
    { since: later },
  ]) {
    const { items } = await app.client.listAssets(filter, { actor })
    expect([filter, items.length]).toEqual([filter, 0])
  }
})

test('pages stay in place while assets are added', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const ids: string[] = []
  for (let i = 0; i < 7; i++) ids.push((await upload(app, actor, { bytes: await aPng(10 + i, 10) })).id)

  const first = await app.client.listAssets({ limit: 3 }, { actor })
  await upload(app, actor, { bytes: await aPng(50, 50) })
  const second = await app.client.listAssets({ limit: 3, cursor: first.nextCursor! }, { actor })
  const third = await app.client.listAssets({ limit: 3, cursor: second.nextCursor! }, { actor })

  const seen = [first, second, third].flatMap(({ items }) => items.map(({ id }) => id))
  expect(seen).toEqual(ids.toReversed())
  expect(third.nextCursor).toBeNull()
})

test('by rating the best come first, over pages and spaces', async () => {
  await using app = await startTestGallery()
  const other = anActor()
  const base = anActor()
  const actor = { ...base, spaces: { ...base.spaces, [other.personalSpaceId]: 'editor' as const } }
  const ratings = [3, 5, 0, 5, 1, 3]
  for (const [i, rating] of ratings.entries()) {
    const spaceId = i % 2 === 0 ? base.personalSpaceId : other.personalSpaceId
    const { id } = await upload(app, actor, { bytes: await aPng(10 + i, 10), spaceId })
    await app.client.updateAsset({ id, rating }, { actor })
  }

  const seen: number[] = []
  let cursor: string | undefined
  do {
    const page = await app.client.listAssets(
      { sort: 'rating', limit: 2, ...(cursor && { cursor }) },
      { actor },
    )
    seen.push(...page.items.map(({ rating }) => rating))
    cursor = page.nextCursor ?? undefined
  } while (cursor)

  expect(seen).toEqual([5, 5, 3, 3, 1, 0])
})

test('a cursor of another order is refused', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  for (let i = 0; i < 2; i++) await upload(app, actor, { bytes: await aPng(10 + i, 10) })
  const { nextCursor } = await app.client.listAssets({ limit: 1 }, { actor })

  const far = Buffer.from('999999999999999999.1').toString('base64url')
  await app.client.listAssets({ limit: 1, sort: 'rating', cursor: far }, { actor })

  const call = app.client.listAssets({ limit: 1, sort: 'rating', cursor: nextCursor! }, { actor })

  await expect(call).rejects.toMatchObject({ code: 'invalid', reason: 'CURSOR_INVALID' })
})

test('counts equal the rows', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const stored = await app.put(await aPng())
  for (let i = 0; i < 3; i++) await app.publish(await outputsOf(actor, stored))
  await upload(app, actor, { bytes: await aPng(5, 5) })
  await waitFor(async () => (await app.client.getAssetStats({}, { actor })).total === 4)

  const stats = await app.client.getAssetStats({}, { actor })

  const { items } = await app.client.listAssets({ limit: 200 }, { actor })
  expect(stats).toEqual({
    total: items.length,
    bytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
    models: [{ model: 'sd15.safetensors', count: 3 }],
  })
})

test('an edit keeps what it does not name, and is told of', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id } = await upload(app, actor, { bytes: await aPng(), tags: ['one'] })
  await app.client.updateAsset({ id, rating: 5, notes: 'good' }, { actor })

  const edited = await app.client.updateAsset({ id, favorite: true }, { actor })

  expect(edited).toMatchObject({ tags: ['one'], rating: 5, notes: 'good', favorite: true })
  await waitFor(() => app.facts.some(({ event, asset }) => event === 'asset.updated' && asset.favorite))
})

test('resolved assets come in the order asked for', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const first = await upload(app, actor, { bytes: await aPng(5, 5) })
  const second = await upload(app, actor, {
    bytes: await sharp(await aPng(6, 6))
      .webp()
      .toBuffer(),
  })

  const { items } = await app.client.resolveAssets({ ids: [second.id, first.id] }, { actor })

  expect(items).toMatchObject([
    { id: second.id, mime: 'image/webp', blob: second.hash, kind: 'image', spaceId: actor.personalSpaceId },
    { id: first.id, mime: 'image/png', filename: 'upload.png', bytes: first.bytes },
  ])
})

test('of many assets those are found that are there and may be seen', async () => {
  await using app = await startTestGallery()
  const [actor, other] = [anActor(), anActor()]
  const own = await upload(app, actor, { bytes: await aPng(5, 5) })
  const gone = await upload(app, actor, { bytes: await aPng(6, 6) })
  const foreign = await upload(app, other, { bytes: await aPng(7, 7) })
  await app.client.deleteAsset({ id: gone.id }, { actor })

  const ids = [own.id, gone.id, foreign.id, newId()]
  const { items } = await app.client.findAssets({ ids }, { actor })

  expect(items).toMatchObject([{ id: own.id, spaceId: actor.personalSpaceId }])
})

test('bad input is named', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const bad = { q: '', rating: 9, colour: 'red' } as never

  await expect(app.client.listAssets(bad, { actor })).rejects.toMatchObject({
    code: 'invalid',
    extra: { faults: expect.arrayContaining([{ path: 'colour', message: 'is not a known field' }]) },
  })
})
