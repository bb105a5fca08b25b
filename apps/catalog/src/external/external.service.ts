import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ExternalFile, FindExternal } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { AppError, notFound } from '@easel/protocol'
import { createHasher } from '@easel/safetensors'
import type { Hasher } from '@easel/safetensors'
import { acquireScanLock } from '../scan/scan-lock.ts'
import { ExternalRepository } from './external.repository.ts'
import type { ExternalCounts, ExternalRow } from './external.repository.ts'
import { readInvokeModels } from './invoke-database.ts'
import type { InvokeModel } from './invoke-database.ts'

export type ExternalOptions = {
  /** InvokeAI's `databases/invokeai.db`. */
  path: string
  models: string | undefined
  database: Database
  log: Logger
  rescanMs: number
  threads: number
}

const settledTogether = 100
const statedTogether = 64

/**
 * An index of InvokeAI's models by hash, URL and name. Each look compares its database with ours, row by row and file
 * by file; what is new is hashed, the smallest first. One replica looks at a time.
 */
export class ExternalService implements AsyncDisposable {
  private readonly options: ExternalOptions
  private readonly repository: ExternalRepository
  private readonly hasher: Hasher
  private readonly stop = new AbortController()
  private readonly timer: NodeJS.Timeout
  private running: Promise<void> | undefined

  constructor(options: ExternalOptions) {
    this.options = options
    this.repository = new ExternalRepository(options.database)
    this.hasher = createHasher({ threads: options.threads })
    this.timer = setInterval(() => this.look(), options.rescanMs).unref()
    this.look()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer)
    this.stop.abort(new Error('The catalog is stopping'))
    await this.running
    await this.hasher[Symbol.asyncDispose]()
  }

  /** By hash, then by where it came from, then by name. What is no longer there is not found. */
  async find({ sha256, url, name }: FindExternal): Promise<ExternalFile> {
    if (sha256 === undefined && url === undefined && name === undefined) {
      throw new AppError('invalid', 'A hash, a URL or a name must be given', {
        faults: [{ path: 'sha256', message: 'must be there, or url, or name' }],
      })
    }
    const ways = [
      ['sha256', sha256 === undefined ? undefined : () => this.repository.findByHash(sha256)],
      ['url', url === undefined ? undefined : () => this.repository.findByUrl(url)],
      ['name', name === undefined ? undefined : () => this.repository.findByName(name)],
    ] as const
    for (const [foundBy, look] of ways) {
      for (const row of (await look?.()) ?? []) {
        // Found another way, but known to be other bytes.
        const other = sha256 !== undefined && row.sha256 !== null && row.sha256 !== sha256.toLowerCase()
        if (!other && (await isStillThere(row))) return toExternalFile(row, foundBy)
      }
    }
    throw notFound('file elsewhere', 'EXTERNAL_NOT_FOUND')
  }

  count(): Promise<ExternalCounts> {
    return this.repository.count()
  }

  private look(): void {
    this.running ??= this.run().finally(() => {
      this.running = undefined
    })
  }

  private async run(): Promise<void> {
    const { database, log } = this.options
    try {
      await using lock = await acquireScanLock(database, 'external')
      if (!lock) return
      await this.hash(await this.compare())
    } catch (cause) {
      if (!this.stop.signal.aborted) log.warn({ err: cause }, "InvokeAI's database cannot be looked into")
    }
  }

  /** Gives what is to be hashed. */
  private async compare(): Promise<ExternalRow[]> {
    const { path, models = join(dirname(dirname(path)), 'models') } = this.options
    const [known, there] = [await this.repository.list(), readInvokeModels(path, models)]
    const byId = new Map(known.map((row) => [row.id, row]))
    const rows: ExternalRow[] = []
    for (let at = 0; at < there.length; at += statedTogether) {
      rows.push(
        ...(await Promise.all(
          there.slice(at, at + statedTogether).map((model) => lookAt(model, byId.get(model.id))),
        )),
      )
    }
    const present = new Set(there.map(({ id }) => id))
    await this.repository.remove(known.map(({ id }) => id).filter((id) => !present.has(id)))
    await this.repository.put(rows.filter((row) => !isSame(row, byId.get(row.id))))
    return rows.filter(({ state }) => state === 'waiting')
  }

  private async hash(waiting: ExternalRow[]): Promise<void> {
    waiting.sort((a, b) => Number(b.bytes) - Number(a.bytes))
    const settled: { id: string; fingerprint: string; state: string; sha256: string | null }[] = []
    const flush = async (least: number) => {
      if (settled.length > 0 && settled.length >= least) await this.repository.settle(settled.splice(0))
    }
    const lane = async () => {
      for (let row = waiting.pop(); row && !this.stop.signal.aborted; row = waiting.pop()) {
        settled.push(await this.hashOne(row))
        await flush(settledTogether)
      }
    }
    await Promise.all(Array.from({ length: this.options.threads }, lane))
    await flush(1)
  }

  private async hashOne(row: ExternalRow) {
    const { id } = row
    const fingerprint = row.fingerprint!
    try {
      const { hash } = await this.hasher.hashFile(row.path, { signal: this.stop.signal })
      const same = fingerprint === (await fingerprintOf(row.path))
      return { id, fingerprint, state: same ? 'ready' : 'waiting', sha256: same ? hash : null }
    } catch (cause) {
      this.stop.signal.throwIfAborted()
      this.options.log.debug({ err: cause, path: row.path }, "a file of InvokeAI's cannot be read")
      return { id, fingerprint, state: 'unreadable', sha256: null }
    }
  }
}

async function lookAt(model: InvokeModel, before: ExternalRow | undefined): Promise<ExternalRow> {
  const stats = await stat(model.path, { bigint: true }).catch(() => undefined)
  const row = { ...model, fileName: basename(model.path), sha256: null, fingerprint: null, bytes: 0 }
  if (!stats) return { ...row, state: 'missing' }
  // A model of many files has no one hash.
  if (!stats.isFile()) return { ...row, state: 'folder' }
  const fingerprint = [stats.ino, stats.size, stats.mtimeNs].join(':')
  const bytes = Number(stats.size)
  const hashed = before?.fingerprint === fingerprint && before.path === model.path && before.sha256 !== null
  return hashed
    ? { ...row, bytes, fingerprint, state: 'ready', sha256: before.sha256 }
    : { ...row, bytes, fingerprint, state: 'waiting' }
}

function isSame(a: ExternalRow, b: ExternalRow | undefined): boolean {
  const text = ({
    id,
    path,
    name,
    base,
    type,
    source,
    sourceUrl,
    state,
    bytes,
    fingerprint,
    sha256,
  }: ExternalRow) =>
    JSON.stringify([id, path, name, base, type, source, sourceUrl, state, Number(bytes), fingerprint, sha256])
  return b !== undefined && text(a) === text(b)
}

async function fingerprintOf(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined)
  return stats && [stats.ino, stats.size, stats.mtimeNs].join(':')
}

async function isStillThere({ path, fingerprint }: ExternalRow): Promise<boolean> {
  return (await fingerprintOf(path)) === fingerprint
}

function toExternalFile(row: ExternalRow, foundBy: ExternalFile['foundBy']): ExternalFile {
  return {
    id: row.id,
    foundBy,
    absolutePath: row.path,
    name: row.name,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    base: row.base,
    type: row.type,
    source: row.sourceUrl ?? row.source,
  }
}
