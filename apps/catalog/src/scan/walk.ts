import { createHash } from 'node:crypto'
import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { BigIntStats, Dirent } from 'node:fs'
import { findBesides } from '../sidecars/sidecar-names.ts'
import type { Besides } from '../sidecars/sidecar-names.ts'
import { isIgnored, modelFileOf } from './model-file.ts'
import type { ModelFile } from './model-file.ts'
import type { ModelRoot } from './model-roots.ts'

export type FoundFile = ModelFile & {
  /** Name of the models folder; empty: the first. */
  root: string
  /** Below the models folder, with `/`. */
  path: string
  absolute: string
  bytes: number
  modifiedMs: number
  /** Equal fingerprints are the same bytes: hard links and links to one file share theirs. */
  fingerprint: string
  besides: Besides
  /** Changes with what lies beside it. */
  besidesPrint: string
}

export type Walk = {
  files: FoundFile[]
  folders: FoundFolder[]
  /** Folders that could not be listed: what lies below is not known to be gone. */
  unreadable: string[]
}

export type FoundFolder = { path: string; absolute: string }

/** `trail` holds the real folders that links were followed from, so that no link leads back into one. */
type Folder = FoundFolder & { real: string; trail: readonly string[] }

const atOnce = 64
/** Links that cross one another could otherwise multiply the paths without end. */
const mostWaysIn = 8

/** Device numbers differ between machines and starts: those of the models folders have names that stay. */
export type Devices = ReadonlyMap<bigint, string>

export async function nameDevices(roots: readonly ModelRoot[]): Promise<Devices> {
  const devices = new Map<bigint, string>()
  for (const { name, directory } of roots) {
    const stats = await statOf(directory)
    if (stats && !devices.has(stats.dev)) devices.set(stats.dev, name === '' ? '0' : name)
  }
  return devices
}

/**
 * Lists the model files below `start` (a path below the root's folder, or `''`). Links to files are followed wherever
 * they lead, links to folders only where they stay inside. Rejects when the root itself cannot be listed.
 */
export async function walkModels(root: ModelRoot, start: string, devices: Devices): Promise<Walk> {
  const walker = new Walker(root.name, await realpath(root.directory), devices)
  await walker.walk(start)
  return walker.result
}

export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

export function fingerprintOf(stats: BigIntStats, devices: Devices): string {
  return [devices.get(stats.dev) ?? stats.dev, stats.ino, stats.size, stats.mtimeNs].join(':')
}

class Walker {
  readonly result: Walk = { files: [], folders: [], unreadable: [] }
  readonly #name: string
  readonly #root: string
  readonly #devices: Devices
  readonly #waysIn = new Map<string, number>()

  constructor(name: string, root: string, devices: Devices) {
    this.#name = name
    this.#root = root
    this.#devices = devices
  }

  async walk(start: string): Promise<void> {
    const absolute = join(this.#root, start)
    if (start === '') {
      await readdir(absolute)
    } else if (!isInside(this.#root, absolute)) return
    const stats = await statOf(absolute)
    if (stats?.isFile()) {
      const entries = await readdir(dirname(absolute), { withFileTypes: true })
      return await this.#addFile(start, absolute, plainNames(entries))
    }
    if (!stats?.isDirectory()) return
    const real = await realpath(absolute)
    if (!isInside(this.#root, real)) return
    let level: Folder[] = [{ path: start, absolute, real, trail: [] }]
    while (level.length > 0) {
      const next: Folder[] = []
      for (let at = 0; at < level.length; at += atOnce) {
        const below = await Promise.all(level.slice(at, at + atOnce).map((folder) => this.#list(folder)))
        next.push(...below.flat())
      }
      level = next
    }
  }

  async #list(folder: Folder): Promise<Folder[]> {
    const entries = await this.#entries(folder)
    if (!entries) return []
    this.result.folders.push({ path: folder.path, absolute: folder.absolute })
    const below: Folder[] = []
    const files: string[] = []
    const names = plainNames(entries)
    for (const entry of entries) {
      if (isIgnored(entry.name)) continue
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`
      const absolute = join(folder.absolute, entry.name)
      if (entry.isDirectory()) {
        below.push({ path, absolute, real: join(folder.real, entry.name), trail: folder.trail })
      } else if (entry.isFile()) {
        if (modelFileOf(path)) files.push(path)
      } else if (entry.isSymbolicLink()) {
        const linked = await this.#follow(folder, { path, absolute })
        if (linked === 'file') files.push(path)
        else if (linked) below.push(linked)
      }
    }
    for (let at = 0; at < files.length; at += atOnce) {
      await Promise.all(
        files.slice(at, at + atOnce).map((path) => this.#addFile(path, join(this.#root, path), names)),
      )
    }
    return below
  }

  async #entries({ path, absolute }: Folder): Promise<Dirent[] | undefined> {
    try {
      return await readdir(absolute, { withFileTypes: true })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') this.result.unreadable.push(path)
      return undefined
    }
  }

  async #follow(from: Folder, link: FoundFolder): Promise<Folder | 'file' | undefined> {
    const stats = await statOf(link.absolute)
    if (stats?.isFile()) return modelFileOf(link.path) ? 'file' : undefined
    if (!stats?.isDirectory()) return undefined
    const real = await realpath(link.absolute)
    const trail = [...from.trail, from.real]
    const waysIn = this.#waysIn.get(real) ?? 0
    if (!isInside(this.#root, real) || trail.some((passed) => isInside(real, passed))) return undefined
    if (waysIn >= mostWaysIn) return undefined
    this.#waysIn.set(real, waysIn + 1)
    return { ...link, real, trail }
  }

  async #addFile(path: string, absolute: string, names: ReadonlySet<string>): Promise<void> {
    const model = modelFileOf(path)
    const stats = model && (await statOf(absolute))
    if (!stats?.isFile()) return
    const besides = findBesides(stemOf(absolute), names)
    this.result.files.push({
      ...model!,
      root: this.#name,
      path,
      absolute,
      bytes: Number(stats.size),
      modifiedMs: Number(stats.mtimeMs),
      fingerprint: fingerprintOf(stats, this.#devices),
      besides,
      besidesPrint: await printOf(dirname(absolute), besides),
    })
  }
}

/** Of what may lie beside a model. */
const plainNames = (entries: readonly Dirent[]): ReadonlySet<string> =>
  new Set(entries.filter((entry) => entry.isFile() && !modelFileOf(entry.name)).map(({ name }) => name))

function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf(sep) + 1)
  return name.slice(0, name.lastIndexOf('.'))
}

async function printOf(folder: string, { sidecars, previews }: Besides): Promise<string> {
  if (sidecars.length === 0 && previews.length === 0) return ''
  const names = [...sidecars.map(({ name }) => name), ...previews]
  const prints = names.map(async (name) => {
    const stats = await statOf(join(folder, name))
    return `${name}:${stats?.size}:${stats?.mtimeNs}`
  })
  return createHash('sha256')
    .update((await Promise.all(prints)).join('\n'))
    .digest('base64url')
}

/** Undefined for what is gone, or a link to nowhere. */
async function statOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true })
  } catch {
    return undefined
  }
}
