import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { aGraph, aPng, outputsOf } from './support/samples.ts'
import { anActor, startTestGallery } from './support/start-gallery.ts'
import type { Actor } from '@easel/protocol'
import type { TestGallery } from './support/start-gallery.ts'

async function makeIn(
  app: TestGallery,
  actor: Actor,
  { sessionId, prompt }: { sessionId: string; prompt: string },
) {
  const graph = structuredClone(aGraph)
  graph['6']!.inputs.text = prompt
  const stored = await app.put(await aPng(10 + prompt.length, 10))
  const made = await outputsOf(actor, stored, { job: { sessionId }, graph })
  await app.publish(made)
  return app.settled(made.job.outputs[0]!.assetId, actor)
}

test('a draft is kept between devices', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const draft = { prompt: 'a fox', seed: 18446744073709551615n, references: ['x'] }

  const created = await app.client.createSession({ kind: 'video', title: 'Foxes', draft }, { actor })
  const seen = await app.client.getSession({ id: created.id }, { actor })

  expect(seen).toEqual(created)
  expect(seen).toMatchObject({ kind: 'video', title: 'Foxes', revision: 1, assetCount: 0, draft })
})

test('of two who save at once the second is told, and nothing is lost', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id, revision } = await app.client.createSession({}, { actor })

  const first = await app.client.updateSession({ id, revision, draft: { a: 1 } }, { actor })
  const second = app.client.updateSession({ id, revision, draft: { a: 2 } }, { actor })

  await expect(second).rejects.toMatchObject({
    code: 'conflict',
    reason: 'STALE',
    extra: { details: { revision: 2 } },
  })
  await expect(app.client.getSession({ id }, { actor })).resolves.toEqual(first)
})

test('the first prompt names a session that nobody has named', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id, revision } = await app.client.createSession({}, { actor })

  await makeIn(app, actor, { sessionId: id, prompt: 'a heron standing still in the cold reeds' })
  const named = await app.client.getSession({ id }, { actor })
  await makeIn(app, actor, { sessionId: id, prompt: 'something else' })
  const later = await app.client.getSession({ id }, { actor })

  expect([named.title, later.title, later.revision]).toEqual([
    'a heron standing still in the',
    'a heron standing still in the',
    revision,
  ])
})

test('a name given by hand is never replaced', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const given = await app.client.createSession({ title: 'Mine' }, { actor })
  const renamed = await app.client.createSession({}, { actor })
  await app.client.updateSession({ id: renamed.id, revision: 1, title: 'Also mine' }, { actor })

  for (const { id } of [given, renamed]) await makeIn(app, actor, { sessionId: id, prompt: 'a heron' })

  const { items } = await app.client.listSessions({}, { actor })
  expect(items.map(({ title }) => title)).toEqual(['Also mine', 'Mine'])
})

test('a session counts its assets and shows the newest', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id } = await app.client.createSession({}, { actor })
  await makeIn(app, actor, { sessionId: id, prompt: 'one' })
  const newest = await makeIn(app, actor, { sessionId: id, prompt: 'three' })

  await expect(app.client.getSession({ id }, { actor })).resolves.toMatchObject({
    assetCount: 2,
    thumbnailUrl: newest.thumbnailUrl,
  })
})

test('what was made in a session outlives it', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id } = await app.client.createSession({}, { actor })
  const asset = await makeIn(app, actor, { sessionId: id, prompt: 'one' })

  await app.client.deleteSession({ id }, { actor })

  await expect(app.client.getAsset({ id: asset.id }, { actor })).resolves.toMatchObject({ sessionId: null })
  await expect(app.client.getSession({ id }, { actor })).rejects.toMatchObject({
    reason: 'SESSION_NOT_FOUND',
  })
})

test('a job of a session that is gone, or of another space, has none', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const foreign = await app.client.createSession({}, { actor: anActor() })

  const asset = await makeIn(app, actor, { sessionId: foreign.id, prompt: 'one' })

  expect(asset.sessionId).toBeNull()
})

test('sessions are listed newest first, by kind and in pages', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const ids: string[] = []
  for (const kind of ['image', 'video', 'image', 'image'] as const) {
    ids.push((await app.client.createSession({ kind }, { actor })).id)
  }

  const first = await app.client.listSessions({ kind: 'image', limit: 2 }, { actor })
  const second = await app.client.listSessions(
    { kind: 'image', limit: 2, cursor: first.nextCursor! },
    { actor },
  )

  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([ids[3], ids[2], ids[0]])
  expect(second.nextCursor).toBeNull()
})

test('a draft has a limit', async () => {
  await using app = await startTestGallery()
  const call = app.client.createSession({ draft: { text: 'x'.repeat(300_000) } }, { actor: anActor() })

  await expect(call).rejects.toMatchObject({ code: 'invalid', reason: 'DRAFT_TOO_LARGE' })
})

test('an asset is moved into a session and out of it', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id: sessionId } = await app.client.createSession({}, { actor })
  const { id } = await app.client.createAsset(
    { ...(await app.put(await aPng())), filename: 'a.png' },
    { actor },
  )

  const moved = await app.client.updateAsset({ id, sessionId }, { actor })
  const out = await app.client.updateAsset({ id, sessionId: null }, { actor })

  expect([moved.sessionId, out.sessionId]).toEqual([sessionId, null])
  await waitFor(() => app.facts.some(({ asset }) => asset.sessionId === sessionId))
})
