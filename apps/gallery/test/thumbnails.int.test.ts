import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { tempDirectory, waitFor } from '@easel/testing'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { hostileFiles } from './support/hostile-files.ts'
import { aPng, outputsOf } from './support/samples.ts'
import { anActor, startTestGallery } from './support/start-gallery.ts'
import type { Actor } from '@easel/protocol'
import type { TestGallery } from './support/start-gallery.ts'

const run = promisify(execFile)

async function thumbnailOf(app: TestGallery, actor: Actor, at: { id: string; size: 256 | 512 | 1024 }) {
  const { blob, bytes, mime } = await app.client.getThumbnail(at, { actor, timeoutMs: 20_000 })
  const data = await app.blobs.readBytes(blob, { start: 0 })
  expect([mime, data.length]).toEqual(['image/webp', bytes])
  const { width, height, format, pages } = await sharp(data).metadata()
  expect([format, pages ?? 1]).toEqual(['webp', 1])
  return { width, height }
}

async function upload(app: TestGallery, actor: Actor, bytes: Buffer) {
  return app.client.createAsset({ ...(await app.put(bytes)), filename: 'file' }, { actor })
}

/** Made by ffmpeg: one second, with sound where asked for. */
async function aVideo(args: readonly string[], name: string): Promise<Buffer> {
  await using directory = await tempDirectory()
  const path = join(directory.path, name)
  const picture = ['-f', 'lavfi', '-i', 'testsrc=duration=1:size=320x180:rate=10']
  await run('ffmpeg', ['-v', 'error', ...picture, ...args, path])
  return await readFile(path)
}

test('a picture has a thumbnail in each size, never larger than itself', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id } = await upload(app, actor, await aPng(1600, 400))
  const small = await upload(app, actor, await aPng(300, 100))

  await expect(thumbnailOf(app, actor, { id, size: 256 })).resolves.toEqual({ width: 256, height: 64 })
  await expect(thumbnailOf(app, actor, { id, size: 512 })).resolves.toEqual({ width: 512, height: 128 })
  await expect(thumbnailOf(app, actor, { id, size: 1024 })).resolves.toEqual({ width: 1024, height: 256 })
  await expect(thumbnailOf(app, actor, { id: small.id, size: 1024 })).resolves.toEqual({
    width: 300,
    height: 100,
  })
})

test.each(['jpeg', 'webp', 'avif', 'tiff'] as const)('%s has a thumbnail', async (format) => {
  await using app = await startTestGallery()
  const actor = anActor()
  const picture = await upload(
    app,
    actor,
    await sharp(await aPng(640, 320))
      .toFormat(format)
      .toBuffer(),
  )

  await expect(thumbnailOf(app, actor, { id: picture.id, size: 256 })).resolves.toEqual({
    width: 256,
    height: 128,
  })
  await expect(app.settled(picture.id, actor)).resolves.toMatchObject({
    kind: 'image',
    mime: `image/${format}`,
    width: 640,
    height: 320,
  })
})

test('a turned photo, 16 bits and CMYK are shown upright and in colours of the web', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const turned = await sharp(await aPng(600, 300))
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
  const deep = await sharp(await aPng(600, 300))
    .toColourspace('rgb16')
    .png()
    .toBuffer()
  const print = await sharp(await aPng(600, 300))
    .toColourspace('cmyk')
    .jpeg()
    .toBuffer()

  const seen = []
  for (const bytes of [turned, deep, print]) {
    const { id } = await upload(app, actor, bytes)
    seen.push(await thumbnailOf(app, actor, { id, size: 256 }))
  }

  expect(seen).toEqual([
    { width: 128, height: 256 },
    { width: 256, height: 128 },
    { width: 256, height: 128 },
  ])
})

test.each(['gif', 'webp'] as const)('of an animated %s the first frame is shown', async (format) => {
  await using app = await startTestGallery()
  const actor = anActor()
  const frames = await Promise.all(['red', 'blue', 'lime'].map((colour) => aPng(300, 200, colour)))
  const bytes = await sharp(frames, { join: { animated: true } })
    .toFormat(format)
    .toBuffer()
  const { id, kind } = await upload(app, actor, bytes)

  await expect(thumbnailOf(app, actor, { id, size: 256 })).resolves.toEqual({ width: 256, height: 171 })
  const { blob } = await app.client.getThumbnail({ id, size: 256 }, { actor })
  const { channels } = await sharp(await app.blobs.readBytes(blob, { start: 0 })).stats()
  expect([kind, channels[0]!.mean > 200, channels[2]!.mean < 60]).toEqual(['animation', true, true])
  await expect(app.settled(id, actor)).resolves.toMatchObject({ width: 300, height: 200 })
})

test('a video has a poster, a length and its sound is known', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const sound = ['-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac', '-shortest']
  const bytes = await aVideo([...sound, '-c:v', 'mpeg4'], 'a.mp4')
  const made = await outputsOf(actor, await app.put(bytes), { output: { kind: 'video', mime: 'video/mp4' } })

  await app.publish(made)
  const asset = await app.settled(made.job.outputs[0]!.assetId, actor)

  expect(asset).toMatchObject({
    thumbnail: 'ready',
    width: 320,
    height: 180,
    hasAudio: true,
    mime: 'video/mp4',
  })
  expect(asset.durationSeconds).toBeCloseTo(1, 0)
  await expect(thumbnailOf(app, actor, { id: asset.id, size: 256 })).resolves.toEqual({
    width: 256,
    height: 144,
  })
  await waitFor(() =>
    app.facts.some((fact) => fact.event === 'asset.updated' && fact.asset.thumbnail === 'ready'),
  )
})

test('a sound has a length and no picture', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  await using directory = await tempDirectory()
  const path = join(directory.path, 'a.flac')
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=2', path])
  const { id, kind } = await upload(app, actor, await readFile(path))

  const asset = await app.settled(id, actor)

  expect([kind, asset.thumbnail, asset.thumbnailUrl, asset.hasAudio]).toEqual(['audio', 'none', null, true])
  expect(asset.durationSeconds).toBeCloseTo(2, 1)
  await expect(app.client.getThumbnail({ id, size: 256 }, { actor })).rejects.toMatchObject({
    reason: 'NO_THUMBNAIL',
  })
})

test('without ffmpeg a video is a video without a poster', async () => {
  await using app = await startTestGallery({
    programs: { ffmpeg: 'no-such-ffmpeg', ffprobe: 'no-such-ffprobe' },
  })
  const actor = anActor()
  const { id } = await upload(app, actor, await aVideo(['-c:v', 'mpeg4'], 'a.mp4'))

  await expect(app.settled(id, actor)).resolves.toMatchObject({ kind: 'video', thumbnail: 'none' })
})

test('hostile files end as failed, and the next picture is served', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const files = await hostileFiles()
  const ids = new Map<string, string>()
  for (const [name, bytes] of Object.entries(files)) {
    const made = await outputsOf(actor, await app.put(bytes), { output: { width: 8, height: 8 } })
    await app.publish(made)
    ids.set(name, made.job.outputs[0]!.assetId)
  }

  for (const [name, id] of ids) {
    const { thumbnail, thumbnailUrl } = await app.settled(id, actor)
    expect([name, thumbnail, thumbnailUrl]).toEqual([name, 'failed', null])
  }
  const { id } = await upload(app, actor, await aPng(300, 300))
  await expect(thumbnailOf(app, actor, { id, size: 256 })).resolves.toEqual({ width: 256, height: 256 })
})

test('a picture of too many pixels is refused by its header', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const { id } = await upload(app, actor, await aPng(9_000, 9_000))

  await expect(app.settled(id, actor)).resolves.toMatchObject({
    thumbnail: 'failed',
    width: 9_000,
    height: 9_000,
  })
})

test('a lost blob is a failed thumbnail and nothing worse', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const made = await outputsOf(actor, { blob: `blake3:${'b'.repeat(64)}`, bytes: 100 })

  await app.publish(made)

  await expect(app.settled(made.job.outputs[0]!.assetId, actor)).resolves.toMatchObject({
    thumbnail: 'failed',
  })
})

test('what was pending when the service died is made by the next', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const made = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => outputsOf(actor, await app.put(await aPng(900 + i, 900)))),
  )
  await Promise.all(made.map((each) => app.publish(each)))
  await app.find(made[0]!.job.outputs[0]!.assetId, actor)

  await app.stop()
  // As if it had died with claims in its hands, which are over by now.
  await app.database.query(
    `update media set state = 'pending', due = now(), tries = 1 where mime = 'image/png'`,
  )
  await app.restart()

  for (const { job } of made) {
    await expect(app.settled(job.outputs[0]!.assetId, actor)).resolves.toMatchObject({ thumbnail: 'ready' })
  }
})

test('a content that killed its makers again and again is left alone', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  await app.stop()
  const { blob, bytes } = await app.put(await aPng())
  await app.database.query(
    `insert into media (blob, bytes, mime, state, tries) values ($1, $2, 'image/png', 'pending', 4)`,
    [blob, bytes],
  )
  await app.restart()
  const made = await outputsOf(actor, { blob, bytes })

  await app.publish(made)

  await expect(app.settled(made.job.outputs[0]!.assetId, actor)).resolves.toMatchObject({
    thumbnail: 'failed',
  })
})

test('who asks for a thumbnail waits for no queue', async () => {
  await using app = await startTestGallery()
  const actor = anActor()
  const stored = await app.put(await aPng(400, 400))
  await app.database.query(
    `insert into media (blob, bytes, mime, state, due) values ($1, $2, 'image/png', 'pending', 'infinity')`,
    [stored.blob, stored.bytes],
  )
  const { id, thumbnail } = await app.client.createAsset({ ...stored, filename: 'a.png' }, { actor })

  const size = await thumbnailOf(app, actor, { id, size: 512 })

  expect([thumbnail, size]).toEqual(['pending', { width: 400, height: 400 }])
  await expect(app.settled(id, actor)).resolves.toMatchObject({ thumbnail: 'ready' })
})
