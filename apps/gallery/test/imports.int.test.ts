import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { aGraph, aJob, anOutput, aPng, outputsOf } from './support/samples.ts'
import { anActor, startTestGallery } from './support/start-gallery.ts'

test('the outputs of a job become assets with what the graph tells', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const stored = await app.put(await aPng(64, 32))
  const made = await outputsOf(actor, stored)

  await app.publish(made)
  const asset = await app.settled(made.job.outputs[0]!.assetId, actor)

  expect(asset).toMatchObject({
    id: made.job.outputs[0]!.assetId,
    kind: 'image',
    origin: 'job',
    mime: 'image/png',
    width: 64,
    height: 32,
    bytes: stored.bytes,
    hash: stored.blob,
    thumbnail: 'ready',
    jobId: made.job.id,
    outputIndex: 0,
    prompt: 'a heron in the reeds',
    negativePrompt: 'blurry',
    models: ['sd15.safetensors'],
    sampler: 'euler',
    scheduler: 'normal',
    seed: '42',
    steps: 20,
    cfg: 7.5,
    spaceId: actor.personalSpaceId,
    createdBy: actor.userId,
    graph: aGraph,
  })
})

test('a fact that comes twice makes one asset and one announcement', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const made = await outputsOf(actor, await app.put(await aPng()))
  const id = made.job.outputs[0]!.assetId

  await app.publish(made)
  await app.settled(id, actor)
  await app.publish(made)
  const other = await outputsOf(actor, await app.put(await aPng(8, 8)))
  await app.publish(other)
  await app.settled(other.job.outputs[0]!.assetId, actor)

  const { items } = await app.client.listAssets({}, { actor })
  expect(items.map((item) => item.id).sort()).toEqual([id, other.job.outputs[0]!.assetId].sort())
  await waitFor(() => app.facts.filter(({ event }) => event === 'asset.created').length === 2)
  expect(app.facts.filter(({ event, asset }) => event === 'asset.created' && asset.id === id)).toHaveLength(1)
})

test('a deleted asset stays deleted when its fact comes again', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const made = await outputsOf(actor, await app.put(await aPng()))
  const id = made.job.outputs[0]!.assetId
  await app.publish(made)
  await app.settled(id, actor)
  await app.client.deleteAsset({ id }, { actor })

  await app.publish(made)
  const later = await outputsOf(actor, await app.put(await aPng(8, 8)))
  await app.publish(later)
  await app.find(later.job.outputs[0]!.assetId, actor)

  await expect(app.client.getAsset({ id }, { actor })).rejects.toMatchObject({ reason: 'ASSET_NOT_FOUND' })
})

test('the same image from a hundred jobs is one content with a hundred assets', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const stored = await app.put(await aPng())
  const jobs = await Promise.all(Array.from({ length: 100 }, () => outputsOf(actor, stored)))

  await Promise.all(jobs.map((made) => app.publish(made)))

  await waitFor(async () => (await app.client.getAssetStats({}, { actor })).total === 100, {
    timeoutMs: 20_000,
  })
  await app.settled(jobs[0]!.job.outputs[0]!.assetId, actor)
  const { rows } = await app.database.query('select state from media where blob = $1', [stored.blob])
  expect(rows).toEqual([{ state: 'ready' }])
  const { items } = await app.client.listAssets({ limit: 200 }, { actor })
  expect(new Set(items.map(({ thumbnail }) => thumbnail))).toEqual(new Set(['ready']))
})

test('imports survive a database that cuts every connection again and again', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const stored = await Promise.all(
    Array.from({ length: 60 }, async (_, i) => app.put(await aPng(10 + i, 10))),
  )
  const made = await Promise.all(stored.map((each) => outputsOf(actor, each)))
  const cut = `
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'easel-gallery' and pid <> pg_backend_pid()`

  for (const [i, each] of made.entries()) {
    await app.publish(each)
    // Its own connection is spared, those of the service are cut.
    if (i % 10 === 5) await app.database.query(cut)
  }

  await waitFor(
    async () => (await app.client.getAssetStats({}, { actor }).catch(() => undefined))?.total === 60,
    { timeoutMs: 25_000 },
  )
  await waitFor(() => app.facts.filter(({ event }) => event === 'asset.created').length >= 60, {
    timeoutMs: 15_000,
  })
  expect(new Set(app.facts.map(({ asset }) => asset.id)).size).toBe(60)
})

test('many outputs of one job keep their order', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const job = aJob(actor)
  job.outputs = await Promise.all(
    Array.from({ length: 8 }, async (_, index) =>
      anOutput(job, await app.put(await aPng(9 + index, 9)), { index }),
    ),
  )

  await app.publish({ job, graph: aGraph })
  await app.find(job.outputs[7]!.assetId, actor)

  const { items } = await app.client.listAssets({ sort: 'oldest', jobId: job.id }, { actor })
  expect(items.map(({ outputIndex }) => outputIndex)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

test('a claimed type that a browser would run is not believed', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const stored = await app.put(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'))
  const made = await outputsOf(actor, stored, { output: { kind: 'other', mime: 'image/svg+xml' } })

  await app.publish(made)
  const { id } = await app.find(made.job.outputs[0]!.assetId, actor)

  await expect(app.client.getAssetContent({ id }, { actor })).resolves.toMatchObject({
    mime: 'application/octet-stream',
  })
})

test('a seed of 64 bits and odd texts come back as they were', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const graph = structuredClone(aGraph)
  graph['3']!.inputs.seed = 18446744073709551615n
  graph['6']!.inputs.text = 'nul \0 and half \ud800 a character'
  const made = await outputsOf(actor, await app.put(await aPng()), { graph })

  await app.publish(made)
  const asset = await app.client.getAsset(
    { id: (await app.find(made.job.outputs[0]!.assetId, actor)).id },
    { actor },
  )

  expect(asset.seed).toBe('18446744073709551615')
  expect(asset.graph!['3']!.inputs.seed).toBe(18446744073709551615n)
  expect(asset.prompt).toBe('nul  and half \uFFFD a character')
})

test('what cannot be stored holds up nothing', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const bad = await outputsOf(actor, { blob: `blake3:${'0'.repeat(64)}`, bytes: 10 })
  bad.job.outputs[0]!.bytes = 1e30
  const good = await outputsOf(actor, await app.put(await aPng()))

  await app.publish(bad, newId())
  await app.publish(good, newId())

  await expect(app.find(good.job.outputs[0]!.assetId, actor)).resolves.toMatchObject({ kind: 'image' })
})

test('a text output keeps its text', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const stored = await app.put(Buffer.from('forty-two'))
  const made = await outputsOf(actor, stored, { output: { kind: 'text', mime: 'text/html' } })

  await app.publish(made)

  await expect(app.find(made.job.outputs[0]!.assetId, actor)).resolves.toMatchObject({
    text: 'forty-two',
    mime: 'text/plain',
    thumbnail: 'none',
    thumbnailUrl: null,
  })
})
