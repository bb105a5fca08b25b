import type { Logger } from '@easel/observability'
import type { Hasher } from '@easel/safetensors'
import type { CatalogStore } from '../catalog.store.ts'
import type { Describer, FileDescription } from './describe-file.ts'
import type { FolderWatch } from './folder-watch.ts'
import { HashQueue } from './hash-queue.ts'
import type { HashTask } from './hash-queue.ts'
import { exists, inspectFile, isUnchanged, redescribeFile, unreadableFile } from './inspect-file.ts'
import { parseRequest, requestOf } from './model-roots.ts'
import type { ModelRoot } from './model-roots.ts'
import { removeFiles, runPass } from './scan-pass.ts'
import type { LocatedFile, Pass } from './scan-pass.ts'
import type { ScanProgress } from './scan-progress.ts'
import type { SettledFile } from './scan.repository.ts'
import { announce, Settling } from './settling.ts'
import { nameDevices } from './walk.ts'
import type { Devices, FoundFile } from './walk.ts'

export type ScanParts = {
  store: CatalogStore
  log: Logger
  roots: readonly ModelRoot[]
  watches: ReadonlyMap<string, FolderWatch>
  hasher: Hasher
  threads: number
  /** Looks at a path again, soon. */
  request: (request: string) => void
  onIdle: () => void
}

type Looked = Omit<SettledFile, 'id' | 'fingerprint' | 'besides'>

const describedAtOnce = 8
const describedTogether = 200
const againMs = 2_000

/** One scan: passes compare folders with the database, and what is new is hashed meanwhile, the smallest first. */
export class ScanRun {
  private readonly parts: ScanParts
  private readonly progress: ScanProgress
  private readonly describer: Describer
  private readonly queue: HashQueue
  private readonly settling: Settling
  private readonly whole = new Map<string, { found: number; unchanged: number }>()

  constructor(parts: ScanParts, progress: ScanProgress, describer: Describer) {
    this.parts = parts
    this.progress = progress
    this.describer = describer
    this.settling = new Settling(parts.store)
    this.queue = new HashQueue({
      threads: parts.threads,
      run: (task) => this.hash(task),
      onIdle: parts.onIdle,
    })
  }

  get idle(): boolean {
    return this.queue.idle
  }

  /** Throws when a folder cannot be looked through; what was not is still in `requests`. */
  async pass(requests: Set<string>): Promise<void> {
    const devices = await nameDevices(this.parts.roots)
    const asked = [...requests]
    for (const request of asked) {
      const { root: name, path } = parseRequest(request)
      const root = this.parts.roots.find((each) => each.name === name)
      // Away first: what is asked for while this pass goes on may be new to it.
      requests.delete(request)
      try {
        if (root) await this.passOver(root, path, devices)
      } catch (cause) {
        requests.add(request)
        throw cause
      }
    }
  }

  async drain(): Promise<void> {
    await this.queue.drain()
    await this.settling.drain()
  }

  settle(): Promise<void> {
    return this.settling.drain()
  }

  private async passOver(root: ModelRoot, below: string, devices: Devices): Promise<void> {
    const { store, watches, log, roots } = this.parts
    // The rows of a folder that is not there stay: it may be a disk that is not mounted.
    if (root.name !== '' && !(await exists(root.directory))) {
      log.warn({ root: root.name }, 'a further models folder is not there')
      return
    }
    if (root === roots[0] && below === '') {
      const strays = await store.scan.listStrays(roots.map(({ name }) => name))
      await removeFiles(store, strays)
      this.progress.removed += strays.length
    }
    const pass = await runPass(store, { root, below, devices })
    watches.get(root.name)?.update(below, pass.folders)
    this.count(root, below, pass)
    this.progress.bytesToHash += this.queue.add(pass.toHash)
    await this.describe(pass.toDescribe)
  }

  private count(root: ModelRoot, below: string, pass: Pass): void {
    if (below === '') {
      this.whole.set(root.name, { found: pass.found, unchanged: pass.unchanged })
      const passes = [...this.whole.values()]
      this.progress.found = passes.reduce((sum, { found }) => sum + found, 0)
      this.progress.unchanged = passes.reduce((sum, { unchanged }) => sum + unchanged, 0)
    } else {
      this.progress.found += pass.toHash.length
    }
    this.progress.removed += pass.removed
  }

  private async hash(task: HashTask): Promise<void> {
    const { signal } = this.describer
    try {
      const facts = await this.look(task.files[0]!)
      if (facts === 'changed') return this.lookAgain(task)
      const settled = this.settleTask(task, facts)
      // The next file is read while this one is committed, unless too many wait for that.
      if (this.settling.crowded || task.files.length > 1) await settled
    } catch (cause) {
      if (!signal.aborted) this.parts.log.error({ err: cause }, 'a model file was left out')
    }
  }

  private async settleTask(task: HashTask, facts: Looked): Promise<void> {
    try {
      const [first, ...others] = task.files
      await this.settling.add(
        task.files.map(({ id, fingerprint, besidesPrint }) => ({
          ...facts,
          id,
          fingerprint,
          besides: besidesPrint,
        })),
      )
      if (facts.sha256) this.progress.hashed += 1
      // The same bytes under other names may lie in other folders, beside other notes.
      await this.describe(others.filter(({ path }) => path !== first?.path))
    } catch (cause) {
      if (this.describer.signal.aborted) return
      this.parts.log.warn({ err: cause }, 'what was read of a model file could not be stored')
      this.lookAgain(task)
    }
  }

  private async look(file: FoundFile): Promise<Looked | 'changed'> {
    const { describer, progress } = this
    const { hasher, log } = this.parts
    const { signal } = describer
    const onProgress = (bytes: number) => void (progress.bytesHashed += bytes)
    try {
      if (!(await isUnchanged(file))) return 'changed'
      const facts = await inspectFile(file, { hasher, describer, signal, onProgress })
      return (await isUnchanged(file)) ? { ...facts, keep: true } : 'changed'
    } catch (cause) {
      signal.throwIfAborted()
      if (!(await exists(file.absolute))) return 'changed'
      progress.failed += 1
      log.warn({ err: cause, path: file.path }, 'a model file cannot be read')
      return { ...(await unreadableFile(file, describer)), keep: false }
    }
  }

  /** Written to while it was read, or gone: what it is now is seen in a moment. */
  private lookAgain(task: HashTask): void {
    this.progress.failed += 1
    const again = () => task.files.forEach(({ root, path }) => this.parts.request(requestOf(root, path)))
    setTimeout(again, againMs).unref()
  }

  private async describe(files: readonly LocatedFile[]): Promise<void> {
    const { store } = this.parts
    for (let at = 0; at < files.length; at += describedTogether) {
      const described: { file: LocatedFile; description: FileDescription }[] = []
      const waiting = files.slice(at, at + describedTogether)
      const lane = async () => {
        for (let file = waiting.pop(); file; file = waiting.pop()) {
          const description = await this.describeOne(file)
          if (description) described.push({ file, description })
        }
      }
      await Promise.all(Array.from({ length: describedAtOnce }, lane))
      await store.transact(async (tx) => {
        const hashes = await tx.scan.hashesOf(described.map(({ file }) => file.id))
        const rows = described.map(({ file: { id, fingerprint, besidesPrint }, description }) => ({
          id,
          fingerprint,
          besides: besidesPrint,
          description,
          sha256: hashes.get(id) ?? null,
        }))
        await announce(tx, await tx.scan.describe(rows))
      })
    }
  }

  private async describeOne(file: LocatedFile): Promise<FileDescription | undefined> {
    try {
      return await redescribeFile(file, this.describer)
    } catch (cause) {
      this.describer.signal.throwIfAborted()
      // Gone or changed meanwhile: the next scan sees what it is then.
      this.parts.log.debug({ err: cause, path: file.path }, 'a model file could not be looked at again')
      return undefined
    }
  }
}
