import { randomUUID } from 'node:crypto'
import {
  chmod,
  constants,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  opendir,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  unlink,
} from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { AppError } from '@easel/protocol'
import { parseKey } from './blob-key.ts'
import {
  codeOf,
  cut,
  deepest,
  isSafeName,
  lookAt,
  makeDirectory,
  nameTaken,
  syncDirectory,
  syncFile,
  unlessAbsent,
  unlessForbidden,
} from './farm-files.ts'

export type FarmPlaces = {
  /** Below it are the names: `<folder>/<name>`. */
  root: string
  /** Laid out as a directory store: `sha256/ab/<64 digits>`. Best on the file system of `root`. */
  store: string
}

export type FarmFile = { sha256: string; bytes: number; modifiedAt: Date; external: boolean }

/** What stands under a name, to see later whether it is still the same. */
export type Occupant = { kind: 'ours' | 'other'; bytes: number; stamp: string }

const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK'])
const leftOver = /^\.easel-[0-9a-f-]{36}$/
const leftOverMs = 24 * 60 * 60_000

/**
 * Contents under their hash, and names that are links to them. Every step is one atomic change of the file
 * system, on the disk when it resolves: a name is there with all its bytes, or not at all, and no name of
 * somebody else is ever replaced, except by `replace`.
 *
 * A name is a relative symbolic link: it shows what it is, an editor that writes anew replaces the link and not the
 * content, and it leads to another disk too. Where a file system has none it is a hard link, else a copy.
 */
export class LinkFarm {
  readonly root: string
  readonly store: string

  private constructor({ root, store }: FarmPlaces) {
    this.root = root
    this.store = store
  }

  static async open({ root, store }: FarmPlaces): Promise<LinkFarm> {
    for (const folder of [root, join(store, 'sha256'), join(store, 'temp'), join(store, 'bad')]) {
      await mkdir(folder, { recursive: true })
    }
    // Relative links are told from where things really are.
    return new LinkFarm({ root: await realpath(root), store: await realpath(store) })
  }

  /** Where a content is, or would be. */
  blob(sha256: string): string {
    const { hex } = parseKey(`sha256:${sha256}`)
    return join(this.store, 'sha256', hex.slice(0, 2), hex)
  }

  /** On the file system of the contents; what is left in it is removed by `sweepTemp`. */
  temp(): string {
    return join(this.store, 'temp', randomUUID())
  }

  /** The absolute path of a name. `invalid` / `FILENAME_INVALID` for what could lead elsewhere. */
  path(name: string): string {
    if (!isSafeName(name)) {
      throw new AppError('invalid', 'This cannot be the name of a file', { reason: 'FILENAME_INVALID' })
    }
    return join(this.root, name)
  }

  /** Undefined where it is not, or points at nothing. */
  async size(sha256: string): Promise<number | undefined> {
    return (await lookAt(this.blob(sha256)))?.bytes
  }

  /**
   * Takes a whole, synced file in. It stays under its own name, too, where the file system has hard links, else it is
   * moved. What is there already stays, if it has the size.
   */
  async admit(source: string, { sha256, bytes }: { sha256: string; bytes: number }): Promise<void> {
    const blob = this.blob(sha256)
    await makeDirectory(dirname(blob))
    if ((await this.size(sha256)) === bytes) return
    if ((await lookAt(source))?.bytes !== bytes) {
      throw cut()
    }
    // Nobody writes to a content: what would change one name would change them all.
    await chmod(source, 0o444).catch(unlessForbidden)
    try {
      await link(source, blob)
    } catch (cause) {
      await this.#admitOtherwise(source, blob, codeOf(cause))
    }
    await syncDirectory(dirname(blob))
  }

  /** The content is a file of somebody else's: it is linked to, and neither moved nor removed. */
  async point(sha256: string, real: string): Promise<void> {
    const blob = this.blob(sha256)
    await makeDirectory(dirname(blob))
    const temp = this.temp()
    await symlink(real, temp)
    await rename(temp, blob)
    await syncDirectory(dirname(blob))
  }

  /**
   * Takes a real file in for good, under a second name: instead of a pointer to it, or of bytes that are not right.
   * Needs hard links.
   */
  async own(source: string, { sha256, bytes }: { sha256: string; bytes: number }): Promise<void> {
    if ((await lookAt(source))?.bytes !== bytes) throw cut()
    const blob = this.blob(sha256)
    await makeDirectory(dirname(blob))
    const temp = this.temp()
    try {
      await link(source, temp)
      await chmod(temp, 0o444).catch(unlessForbidden)
      await rename(temp, blob)
    } finally {
      // Two names of one file: such a rename does nothing.
      await rm(temp, { force: true })
    }
    await syncDirectory(dirname(blob))
  }

  /** Is the content somebody else's file? */
  async isExternal(sha256: string): Promise<boolean> {
    return (await lstat(this.blob(sha256)).catch(unlessAbsent))?.isSymbolicLink() ?? false
  }

  /** Gives a content a name. `conflict` / `FILE_EXISTS` when something else has it. */
  async link(sha256: string, name: string): Promise<void> {
    const path = this.path(name)
    await makeDirectory(dirname(path))
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#makeName(sha256, path)
        return await syncDirectory(dirname(path))
      } catch (cause) {
        if (codeOf(cause) !== 'EEXIST') throw cause
        const found = await this.occupant(sha256, name)
        if (found?.kind === 'ours') return
        if (found || attempt > 0) throw nameTaken()
        if (await this.#givesWay(path)) await unlink(path)
      }
    }
  }

  /** What has a name; undefined for nothing, and for a link of ours that leads nowhere. */
  async occupant(sha256: string, name: string): Promise<Occupant | undefined> {
    const path = this.path(name)
    const [found, blob] = await Promise.all([lookAt(path), lookAt(this.blob(sha256))])
    if (found) {
      const { bytes, stamp } = found
      return { kind: blob?.file === found.file ? 'ours' : 'other', bytes, stamp }
    }
    const isThere = await lstat(path).catch(unlessAbsent)
    if (!isThere || (await this.#givesWay(path))) return undefined
    return { kind: 'other', bytes: 0, stamp: 'dangling' }
  }

  /** Takes a name away if it is a link to the content (or to where it was). Real files stay. */
  async unlink(sha256: string, name: string): Promise<boolean> {
    const path = this.path(name)
    const found = await lstat(path, { bigint: true }).catch(unlessAbsent)
    if (!found) return false
    if (found.isSymbolicLink()) {
      if ((await this.#targetOf(path)) !== this.blob(sha256)) return false
    } else {
      const blob = await lstat(this.blob(sha256), { bigint: true }).catch(unlessAbsent)
      if (!blob?.isFile() || blob.ino !== found.ino || blob.dev !== found.dev) return false
    }
    await unlink(path)
    await syncDirectory(dirname(path))
    return true
  }

  /**
   * A real file becomes a link to the content, which has the same bytes: the link is made beside it, looked at, and
   * takes its place in one step. `stamp` says which file was compared.
   */
  async replace(sha256: string, name: string, stamp: string): Promise<void> {
    const path = this.path(name)
    const temp = join(dirname(path), `.easel-${randomUUID()}`)
    try {
      await symlink(relative(await realpath(dirname(path)), this.blob(sha256)), temp)
      const [made, blob, real] = await Promise.all([temp, this.blob(sha256), path].map(lookAt))
      if (!made || made.file !== blob?.file) throw new Error('The new link does not lead to the content')
      if (real?.stamp !== stamp) throw nameTaken()
      await rename(temp, path)
    } finally {
      await rm(temp, { force: true })
    }
    await syncDirectory(dirname(path))
  }

  /** Of what was made at `temp`, and is not needed there any more. */
  async discard(temp: string): Promise<void> {
    await rm(temp, { force: true })
  }

  /** Which content a name is a link to, be it there or not; undefined for anything else. */
  async contentOf(name: string): Promise<string | undefined> {
    const target = await this.#targetOf(this.path(name))
    return this.#isInStore(target) ? basename(target!) : undefined
  }

  async drop(sha256: string): Promise<void> {
    const blob = this.blob(sha256)
    await rm(blob, { force: true })
    await syncDirectory(dirname(blob)).catch(unlessAbsent)
  }

  /** Wrong bytes are kept aside for who wants to know, under no name that anybody reads. */
  async quarantine(sha256: string): Promise<void> {
    await rename(this.blob(sha256), join(this.store, 'bad', `${sha256}-${Date.now()}`)).catch(unlessAbsent)
  }

  async *list(): AsyncIterable<FarmFile> {
    for (const shard of await readdir(join(this.store, 'sha256'))) {
      for await (const { name } of await opendir(join(this.store, 'sha256', shard))) {
        if (!/^[0-9a-f]{64}$/.test(name)) continue
        const path = join(this.store, 'sha256', shard, name)
        const own = await lstat(path).catch(unlessAbsent)
        if (!own) continue
        const facts = await stat(path).catch(unlessAbsent)
        const external = own.isSymbolicLink()
        yield { sha256: name, bytes: facts?.size ?? -1, modifiedAt: facts?.mtime ?? own.mtime, external }
      }
    }
  }

  /** Every name that is a symbolic link into the store, whether or not the content is there. Sweeps on its way. */
  async *links(): AsyncIterable<{ sha256: string; name: string }> {
    yield* this.#linksBelow('', 0)
  }

  /** What interrupted steps left, and what was quarantined long ago. */
  async sweepTemp({ tempMs, badMs }: { tempMs: number; badMs: number }): Promise<number> {
    const now = Date.now()
    let removed = 0
    for (const [folder, ageMs] of [
      ['temp', tempMs],
      ['bad', badMs],
    ] as const) {
      for (const name of await readdir(join(this.store, folder))) {
        const path = join(this.store, folder, name)
        const facts = await lstat(path).catch(unlessAbsent)
        if (!facts || Math.max(facts.mtimeMs, facts.ctimeMs) > now - ageMs) continue
        await rm(path, { force: true })
        removed += 1
      }
    }
    return removed
  }

  async #admitOtherwise(source: string, blob: string, code: string): Promise<void> {
    if (code === 'EEXIST') {
      // Of the wrong size, or a link to nowhere: what is whole takes its place.
      const temp = this.temp()
      await link(source, temp)
      return await rename(temp, blob)
    }
    if (noLinks.has(code)) return await rename(source, blob)
    if (code !== 'EXDEV') throw new Error(`The file could not be taken in (${code})`)
    const temp = this.temp()
    try {
      await copyFile(source, temp, constants.COPYFILE_FICLONE)
      await syncFile(temp)
      await rename(temp, blob)
    } finally {
      await rm(temp, { force: true })
    }
  }

  async #makeName(sha256: string, path: string): Promise<void> {
    const blob = this.blob(sha256)
    try {
      return await symlink(relative(await realpath(dirname(path)), blob), path)
    } catch (cause) {
      if (!noLinks.has(codeOf(cause))) throw cause
    }
    try {
      return await link(await realpath(blob), path)
    } catch (cause) {
      if (!noLinks.has(codeOf(cause)) && codeOf(cause) !== 'EXDEV') throw cause
    }
    const temp = join(dirname(path), `.easel-${randomUUID()}`)
    try {
      await copyFile(blob, temp)
      await syncFile(temp)
      // An empty file holds the name until the rename: nothing else keeps two from having it here.
      await using _held = await open(path, 'wx')
      await rename(temp, path)
    } finally {
      await rm(temp, { force: true })
    }
  }

  async *#linksBelow(folder: string, depth: number): AsyncIterable<{ sha256: string; name: string }> {
    const entries = await readdir(join(this.root, folder), { withFileTypes: true }).catch(unlessAbsent)
    for (const entry of entries ?? []) {
      if (leftOver.test(entry.name)) await this.#removeOld(join(this.root, folder, entry.name))
      if (entry.name.startsWith('.')) continue
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && depth < deepest) yield* this.#linksBelow(name, depth + 1)
      if (!entry.isSymbolicLink()) continue
      const target = await this.#targetOf(join(this.root, name))
      if (this.#isInStore(target) && isSafeName(name)) yield { sha256: basename(target!), name }
    }
  }

  /** A link that was made beside its file when the process died. */
  async #removeOld(path: string): Promise<void> {
    const facts = await lstat(path).catch(unlessAbsent)
    if (facts && facts.ctimeMs < Date.now() - leftOverMs) await rm(path, { force: true })
  }

  /** A link of ours to a content that was given up; an empty file, which only held the name for a copy. */
  async #givesWay(path: string): Promise<boolean> {
    const facts = await lstat(path).catch(unlessAbsent)
    return (facts?.isFile() && facts.size === 0) || this.#isInStore(await this.#targetOf(path))
  }

  #isInStore(target: string | undefined): boolean {
    if (!target?.startsWith(join(this.store, 'sha256') + sep)) return false
    return /^[0-9a-f]{64}$/.test(basename(target))
  }

  /** Where a symbolic link leads in one step, be something there or not. */
  async #targetOf(path: string): Promise<string | undefined> {
    try {
      return resolve(await realpath(dirname(path)), await readlink(path))
    } catch (cause) {
      if (['ENOENT', 'EINVAL', 'ENOTDIR'].includes(codeOf(cause))) return undefined
      throw cause
    }
  }
}
