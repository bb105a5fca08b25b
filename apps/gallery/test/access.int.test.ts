import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { aPng } from './support/samples.ts'
import { anActor, startTestGallery } from './support/start-gallery.ts'

async function withOwner() {
  const app = await startTestGallery()
  const owner = anActor()
  const session = await app.client.createSession({}, { actor: owner })
  const stored = await app.put(await aPng())
  const asset = await app.client.createAsset(
    { ...stored, filename: 'a.png', sessionId: session.id },
    { actor: owner },
  )
  return { app, owner, asset, session }
}

test('nothing of a stranger is found, on any method', async () => {
  const { app, owner, asset, session } = await withOwner()
  await using _ = app
  const actor = anActor()
  const { client } = app
  const { id } = asset
  const spaceId = owner.personalSpaceId
  const own = await client.createAsset({ ...(await app.put(await aPng(9, 9))), filename: 'b.png' }, { actor })

  const spare = await app.put(await aPng())
  const attempts = {
    ASSET_NOT_FOUND: [
      () => client.getAsset({ id }, { actor }),
      () => client.getAssetContent({ id }, { actor }),
      () => client.getThumbnail({ id, size: 256 }, { actor }),
      () => client.updateAsset({ id, rating: 1 }, { actor }),
      () => client.deleteAsset({ id }, { actor }),
      () => client.resolveAssets({ ids: [own.id, id] }, { actor }),
      () => client.getAsset({ id: randomUUID() }, { actor }),
      () => client.getAsset({ id: 'no-uuid' }, { actor }),
      () => client.deleteAsset({ id: "'; drop table asset" }, { actor }),
    ],
    SESSION_NOT_FOUND: [
      () => client.getSession({ id: session.id }, { actor }),
      () => client.updateSession({ id: session.id, revision: 1, title: 'mine' }, { actor }),
      () => client.deleteSession({ id: session.id }, { actor }),
      () => client.updateAsset({ id: own.id, sessionId: session.id }, { actor }),
      () => client.createAsset({ ...spare, filename: 'c.png', sessionId: session.id }, { actor }),
      () => client.getSession({ id: 'no-uuid' }, { actor }),
    ],
    SPACE_NOT_FOUND: [
      () => client.listAssets({ spaceId }, { actor }),
      () => client.getAssetStats({ spaceId }, { actor }),
      () => client.listSessions({ spaceId }, { actor }),
      () => client.createSession({ spaceId }, { actor }),
      () => client.createAsset({ ...spare, filename: 'd.png', spaceId }, { actor }),
    ],
  }

  for (const [reason, calls] of Object.entries(attempts)) {
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'not_found', reason })
  }
  await expect(client.listAssets({}, { actor })).resolves.toMatchObject({ items: [{ id: own.id }] })
  await expect(client.listAssets({ sessionId: session.id }, { actor })).resolves.toMatchObject({ items: [] })
  await expect(client.listSessions({}, { actor })).resolves.toMatchObject({ items: [] })
  await expect(client.getAssetStats({}, { actor })).resolves.toMatchObject({ total: 1 })
  await expect(client.getAsset({ id }, { actor: owner })).resolves.toMatchObject({ rating: 0 })
})

test('a viewer of a space sees it and changes nothing', async () => {
  const { app, owner, asset, session } = await withOwner()
  await using _ = app
  const actor = anActor()
  const viewer = { ...actor, spaces: { ...actor.spaces, [owner.personalSpaceId]: 'viewer' as const } }
  const { client } = app
  const { id } = asset

  await expect(client.getAsset({ id }, { actor: viewer })).resolves.toMatchObject({ id })
  await expect(client.listSessions({}, { actor: viewer })).resolves.toMatchObject({
    items: [{ id: session.id }],
  })
  for (const call of [
    () => client.updateAsset({ id, rating: 1 }, { actor: viewer }),
    () => client.deleteAsset({ id }, { actor: viewer }),
    () => client.updateSession({ id: session.id, revision: 1, title: 'x' }, { actor: viewer }),
    () => client.deleteSession({ id: session.id }, { actor: viewer }),
    () => client.createSession({ spaceId: owner.personalSpaceId }, { actor: viewer }),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: 'forbidden', reason: 'SPACE_READ_ONLY' })
  }
})

test('nobody is nobody', async () => {
  const { app, asset } = await withOwner()
  await using _ = app

  await expect(app.client.getAsset({ id: asset.id })).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(app.client.listAssets({})).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('an admin sees every space that he asks for', async () => {
  const { app, owner, asset } = await withOwner()
  await using _ = app
  const admin = anActor({ role: 'admin' })

  await expect(app.client.getAsset({ id: asset.id }, { actor: admin })).resolves.toMatchObject({
    id: asset.id,
  })
  await expect(
    app.client.listAssets({ spaceId: owner.personalSpaceId }, { actor: admin }),
  ).resolves.toMatchObject({ items: [{ id: asset.id }] })
  await expect(app.client.listAssets({}, { actor: admin })).resolves.toMatchObject({ items: [] })
})
