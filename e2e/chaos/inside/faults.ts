import fs from 'node:fs/promises'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FaultPoint, Order } from './orders.ts'

/**
 * Loaded with `--import` into a process under test; nothing of it is in the product. The test sends orders over the
 * process's IPC channel. When the test dies the process does, too, so that none is left behind.
 */
const kill = () => process.kill(process.pid, 'SIGKILL')

let points: FaultPoint[] = []
let recording: string[][] | undefined

process.on('disconnect', kill)
process.on('message', (order: Order) => {
  if (order.type === 'arm') points = order.points.map((point) => ({ ...point }))
  if (order.type === 'record') recording = []
  if (order.type === 'recorded') process.send?.({ type: 'recorded', transactions: recording ?? [] })
  if (order.type === 'clock') setClock(order.skewMs)
  if (order.type === 'disk') fullFolder = order.full
})
// It is not what keeps the process alive.
process.channel?.unref()

type Query = (this: object, ...args: unknown[]) => unknown

watchStatements()
watchDisk()

/** Wraps the one `pg` that the services' database library uses; a program without it has no statements. */
function watchStatements(): void {
  const pg = findPg()
  if (!pg) return
  const { prototype } = pg.Client
  const original = prototype.query
  const transactions = new WeakMap<object, string[]>()
  prototype.query = function (this: object, ...args: unknown[]) {
    const statement = nameOf(args[0])
    if (statement === undefined) return original.apply(this, args)
    if (statement.startsWith('begin')) transactions.set(this, [])
    const transaction = transactions.get(this) ?? []
    const strike = (when: FaultPoint['when']) => {
      if (points.some((point) => isStruck(point, { statement, when, transaction }))) kill()
    }
    strike('before')
    const result = original.apply(
      this,
      heard(args, () => strike('after')),
    )
    // What `query` has written is with the kernel by then.
    if (points.length > 0) setImmediate(strike, 'during')
    if (result instanceof Promise)
      result.then(
        () => strike('after'),
        () => undefined,
      )
    transaction.push(statement)
    if (statement === 'commit' || statement === 'rollback') transactions.delete(this)
    if (recording && !transactions.has(this)) recording.push(transaction)
    return result
  }
}

type Moment = { statement: string; when: FaultPoint['when']; transaction: readonly string[] }

function isStruck(point: FaultPoint, { statement, when, transaction }: Moment): boolean {
  if (point.statement !== statement || point.when !== when) return false
  if (point.within !== undefined && !transaction.includes(point.within)) return false
  point.nth = (point.nth ?? 1) - 1
  return point.nth <= 0
}

/** A prepared statement's own name, or how its text begins. */
function nameOf(query: unknown): string | undefined {
  if (typeof query === 'string') return shortened(query)
  const { name, text } = (query ?? {}) as { name?: unknown; text?: unknown }
  if (typeof name === 'string' && name !== '') return name
  return typeof text === 'string' ? shortened(text) : undefined
}

function shortened(text: string): string {
  return text.trim().replace(/\s+/g, ' ').slice(0, 60).toLowerCase()
}

/** The same arguments, the callback among them called a moment later. */
function heard(args: unknown[], then: () => void): unknown[] {
  return args.map((arg) => {
    if (typeof arg !== 'function') return arg
    return (...answer: unknown[]) => {
      if (!answer[0]) then()
      return (arg as (...given: unknown[]) => unknown)(...answer)
    }
  })
}

function findPg(): { Client: { prototype: { query: Query } } } | undefined {
  try {
    const program = createRequire(pathToFileURL(process.argv[1] ?? ''))
    return createRequire(program.resolve('@easel/database'))('pg') as ReturnType<typeof findPg>
  } catch {
    return undefined // a program without a database
  }
}

function setClock(skewMs: number): void {
  const RealDate = realDate
  class SkewedDate extends RealDate {
    constructor(...args: [] | [number | string | Date]) {
      if (args.length === 0) super(RealDate.now() + skewMs)
      else super(...(args as [number]))
    }

    static override now(): number {
      return RealDate.now() + skewMs
    }
  }
  globalThis.Date = skewMs === 0 ? RealDate : (SkewedDate as DateConstructor)
}

const realDate = Date
let fullFolder: string | undefined

/** Every file that is opened for writing in the full folder takes no byte. */
function watchDisk(): void {
  const { open, mkdir } = fs
  fs.open = async (path, flags, mode) => {
    const handle = await open(path, flags, mode)
    if (!isFull(path) || flags === undefined || flags === 'r') return handle
    // oxlint-disable-next-line require-await -- fails as a write would
    const refuse = async () => {
      throw noSpace(path)
    }
    return Object.assign(handle, { write: refuse, writev: refuse, writeFile: refuse, appendFile: refuse })
  }
  fs.mkdir = (async (path: Parameters<typeof mkdir>[0], options: Parameters<typeof mkdir>[1]) => {
    if (isFull(path)) throw noSpace(path)
    return mkdir(path, options)
  }) as typeof mkdir
  syncBuiltinESMExports()
}

function isFull(path: unknown): boolean {
  return fullFolder !== undefined && String(path).startsWith(fullFolder + sep)
}

function noSpace(path: unknown): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, open '${String(path)}'`), {
    code: 'ENOSPC',
    errno: -28,
    syscall: 'write',
  })
}
