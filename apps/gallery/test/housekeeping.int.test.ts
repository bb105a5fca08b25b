import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { aPng, outputsOf } from './support/samples.ts'
import { anActor, startTestGallery } from './support/start-gallery.ts'
import type { Actor } from '@easel/protocol'
import type { TestGallery } from './support/start-gallery.ts'

async function imported(app: TestGallery, actor: Actor, bytes: Buffer) {
  const made = await outputsOf(actor, await app.put(bytes))
  await app.publish(made)
  return app.settled(made.job.outputs[0]!.assetId, actor)
}

test('a deleted asset takes its bytes and thumbnails with it', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id } = await imported(app, actor, await aPng(600, 600))

  await app.client.deleteAsset({ id }, { actor })
  await app.service.housekeeper.removeUnused()

  await expect(app.blobKeys()).resolves.toEqual([])
  const { rows } = await app.database.query(
    'select (select count(*) from media) + (select count(*) from thumbnail) as n',
  )
  expect(rows[0]!.n).toBe('0')
  await waitFor(() => app.facts.some((fact) => fact.event === 'asset.deleted' && fact.asset.id === id))
})

test('deleting twice finds nothing the second time, and changes nothing', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id } = await imported(app, actor, await aPng())

  const outcomes = await Promise.allSettled([
    app.client.deleteAsset({ id }, { actor }),
    app.client.deleteAsset({ id }, { actor }),
  ])

  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await expect(app.client.deleteAsset({ id }, { actor })).rejects.toMatchObject({ reason: 'ASSET_NOT_FOUND' })
})

test('bytes that two assets share stay until both are gone', async () => {
  await using app = await startTestGallery()
  const [actor, other] = [anActor(), anActor()]
  const bytes = await aPng(200, 200)
  const first = await imported(app, actor, bytes)
  const second = await imported(app, other, bytes)

  await app.client.deleteAsset({ id: first.id }, { actor })
  await app.service.housekeeper.removeUnused()
  const { blob } = await app.client.getThumbnail({ id: second.id, size: 256 }, { actor: other })
  const keys = await app.blobKeys()

  expect(keys).toEqual([first.hash, blob].sort())
  await app.client.deleteAsset({ id: second.id }, { actor: other })
  await app.service.housekeeper.removeUnused()
  await expect(app.blobKeys()).resolves.toEqual([])
})

test('bytes that are imported again before they go, stay', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const bytes = await aPng(300, 300)
  const first = await imported(app, actor, bytes)

  await app.client.deleteAsset({ id: first.id }, { actor })
  const again = await imported(app, actor, bytes)
  await app.service.housekeeper.removeUnused()

  await expect(app.blobs.stat(again.hash)).resolves.toEqual({ bytes: bytes.length })
  await expect(app.client.getThumbnail({ id: again.id, size: 256 }, { actor })).resolves.toBeDefined()
})

test('imports and removals of the same bytes at once leave every asset with its bytes', async () => {
  await using app = await startTestGallery()
  await using replica = await app.replica()
  const actor = anActor()
  const bytes = await aPng(64, 64)

  for (let round = 0; round < 8; round++) {
    const asset = await imported(app, actor, bytes)
    const [next] = await Promise.all([
      app.put(bytes).then((stored) => app.client.createAsset({ ...stored, filename: 'a.png' }, { actor })),
      app.client.deleteAsset({ id: asset.id }, { actor }).then(() => app.service.housekeeper.removeUnused()),
      replica.housekeeper.removeUnused(),
    ]).catch(async (cause: { reason?: string }) => {
      // The bytes went between the upload and its asset: the uploader is told.
      expect(cause.reason).toBe('ASSET_REFUSED')
      return [undefined]
    })
    if (!next) continue
    await expect(app.blobs.stat(next.hash)).resolves.toBeDefined()
    await app.client.deleteAsset({ id: next.id }, { actor })
    await app.service.housekeeper.removeUnused()
  }
})

test('a crash before the blob was removed is repaired', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const kept = await imported(app, actor, await aPng(300, 300))
  const orphan = await app.put(Buffer.from('written, and then the power went'))
  const unmarked = await imported(app, actor, await aPng(400, 400))
  await app.database.query('delete from asset where id = $1', [unmarked.id])

  const found = await app.service.housekeeper.sweep()
  await app.service.housekeeper.removeUnused()

  expect(found).toBe(2)
  const { blob } = await app.client.getThumbnail({ id: kept.id, size: 256 }, { actor })
  const keys = await app.blobKeys()
  expect(keys).toContain(kept.hash)
  expect(keys).toContain(blob)
  expect(keys).not.toContain(orphan.blob)
  expect(keys).not.toContain(unmarked.hash)
})

test('a young blob without an asset is let be', async () => {
  await using app = await startTestGallery({
    housekeeping: { graceMs: 0, removeEveryMs: 3_600_000, sweepEveryMs: 3_600_000, orphanAgeMs: 86_400_000 },
  })
  const young = await app.put(Buffer.from('its job is about to be settled'))

  await app.service.housekeeper.sweep()
  await app.service.housekeeper.removeUnused()

  await expect(app.blobKeys()).resolves.toEqual([young.blob])
})

test('a deletion is remembered for longer than its fact is kept, and then forgotten', async () => {
  await using app = await startTestGallery()
  await app.database.query(
    `insert into deleted_asset (id, deleted_at) values ($1, now() - interval '31 days'), ($2, now())`,
    [newId(), newId()],
  )

  await app.service.housekeeper.sweep()

  const { rowCount } = await app.database.query('select id from deleted_asset')
  expect(rowCount).toBe(1)
})
