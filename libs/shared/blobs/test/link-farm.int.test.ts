import { createHash, randomBytes } from 'node:crypto'
import fs, { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AppError } from '@easel/protocol'
import { fetchBlob, isSafeName, LinkFarm } from '../src/index.ts'
import { inPieces, someBytes, startDirectory, startS3 } from './support/stores.ts'

type Farm = { farm: LinkFarm; root: string; admit(bytes: Buffer): Promise<string> } & AsyncDisposable

async function openFarm(): Promise<Farm> {
  const root = await mkdtemp(join(tmpdir(), 'farm-'))
  const farm = await LinkFarm.open({ root, store: join(root, '.easel', 'hub') })
  return {
    farm,
    root,
    async admit(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const temp = farm.temp()
      await writeFile(temp, bytes)
      await farm.admit(temp, { sha256, bytes: bytes.length })
      return sha256
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
}

/** A file system without these. */
function without(...names: ('link' | 'symlink')[]): Disposable {
  const real = { link: fs.link, symlink: fs.symlink }
  for (const name of names) {
    fs[name] = async () => {
      throw Object.assign(new Error(`EPERM: no ${name}`), { code: 'EPERM' })
    }
  }
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]() {
      Object.assign(fs, real)
      syncBuiltinESMExports()
    },
  }
}

test('without symbolic links a name is a hard link, without those a copy', async () => {
  await using opened = await openFarm()
  const { farm, root } = opened
  const bytes = randomBytes(1_000)
  {
    using _limits = without('symlink')
    const sha256 = await opened.admit(bytes)
    await farm.link(sha256, 'loras/hard.gguf')
    await farm.link(sha256, 'loras/hard.gguf')
    expect((await stat(join(root, 'loras/hard.gguf'))).ino).toBe((await stat(farm.blob(sha256))).ino)
    expect(await farm.unlink(sha256, 'loras/hard.gguf')).toBe(true)
  }
  {
    using _limits = without('symlink', 'link')
    const sha256 = await opened.admit(randomBytes(1_001))
    await farm.link(sha256, 'loras/copy.gguf')
    expect((await lstat(join(root, 'loras/copy.gguf'))).isFile()).toBe(true)
    expect(await farm.unlink(sha256, 'loras/copy.gguf')).toBe(false)
  }
  expect((await readdir(join(root, 'loras'))).toSorted()).toEqual(['copy.gguf'])
})

test('a folder that is a link to elsewhere holds links that lead home', async () => {
  await using opened = await openFarm()
  await using elsewhere = await openFarm()
  const { farm, root } = opened
  await mkdir(join(elsewhere.root, 'deep/er'), { recursive: true })
  await symlink(join(elsewhere.root, 'deep/er'), join(root, 'loras'))
  const bytes = randomBytes(500)

  await farm.link(await opened.admit(bytes), 'loras/a.gguf')

  expect(await readFile(join(elsewhere.root, 'deep/er/a.gguf'))).toEqual(bytes)
})

test('a link of ours that leads nowhere gives way, one of somebody else does not', async () => {
  await using opened = await openFarm()
  const { farm, root } = opened
  const gone = await opened.admit(randomBytes(100))
  await farm.link(gone, 'vae/a.gguf')
  await farm.drop(gone)
  await symlink('/nowhere/at/all', join(root, 'vae/b.gguf'))
  const fresh = await opened.admit(randomBytes(101))

  await farm.link(fresh, 'vae/a.gguf')
  await expect(farm.link(fresh, 'vae/b.gguf')).rejects.toMatchObject({ extra: { reason: 'FILE_EXISTS' } })

  expect(await farm.contentOf('vae/a.gguf')).toBe(fresh)
  expect(await farm.contentOf('vae/b.gguf')).toBeUndefined()
})

test('names that lead elsewhere, hide, or fit no disk are none', () => {
  const bad = [
    'a',
    '/a/b',
    'a/../b',
    'a/.b',
    'a//b',
    'a/b\\c',
    'a/\0',
    `a/${'x'.repeat(256)}`,
    'a/\ud800',
    '',
  ]
  expect(bad.filter((name) => isSafeName(name))).toEqual([])
  expect(isSafeName('loras/styles/näme (1).safetensors')).toBe(true)
})

test.each([
  ['a directory', startDirectory],
  ['S3', startS3],
])(
  'a blob in %s is fetched by ranges into a file that has its bytes, or is not there',
  async (_where, start) => {
    await using store = await start()
    await using opened = await openFarm()
    const bytes = someBytes(9_000_001)
    const { key } = await store.blobs.put(inPieces(bytes), { algorithm: 'sha256' })
    const path = opened.farm.temp()
    const seen: number[] = []

    await fetchBlob(store.blobs, { key, bytes: bytes.length, path, onProgress: (done) => seen.push(done) })

    expect((await readFile(path)).equals(bytes)).toBe(true)
    expect(seen.at(-1)).toBe(bytes.length)
    for (const wrong of [
      { key, bytes: bytes.length - 1 },
      { key: `sha256:${'0'.repeat(64)}`, bytes: 10 },
    ]) {
      const other = opened.farm.temp()
      await expect(fetchBlob(store.blobs, { ...wrong, path: other })).rejects.toThrow(AppError)
      await expect(stat(other)).rejects.toThrow('ENOENT')
    }
  },
)
