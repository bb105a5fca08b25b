import { AppError } from '@easel/protocol'

/** The parts of the list, in its order. */
export const shelves = ['library', 'presets', 'favorites', 'catalogue'] as const
export type Shelf = (typeof shelves)[number]

/** Where a page ended: on which shelf, and after what on it; after nothing at its beginning. */
export type LoraCursor = { readonly shelf: Shelf; readonly after: readonly [string, string] | undefined }

export function encodeLoraCursor({ shelf, after }: LoraCursor): string {
  return Buffer.from(JSON.stringify(after ? [shelf, ...after] : [shelf])).toString('base64url')
}

export function decodeLoraCursor(text: string): LoraCursor {
  const parts = parse(text)
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) throw unknownCursor()
  const [name, first, second, ...rest] = parts as string[]
  const shelf = shelves.find((each) => each === name)
  if (!shelf || rest.length > 0 || (first === undefined) !== (second === undefined)) throw unknownCursor()
  if (first === undefined || second === undefined) return { shelf, after: undefined }
  const [firsts, seconds] = patterns[shelf]
  if (!firsts.test(first) || !seconds.test(second)) throw unknownCursor()
  return { shelf, after: [first, second] }
}

const digits = /^\d{1,18}$/
const name = /^[^\0]{0,400}$/

/** What would be an error in the query is refused here. */
const patterns: Readonly<Record<Shelf, readonly [RegExp, RegExp]>> = {
  library: [name, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  presets: [name, name],
  favorites: [digits, digits],
  catalogue: [digits, digits],
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined // no cursor of ours
  }
}

export const unknownCursor = (): AppError =>
  new AppError('invalid', 'This cursor is of another list', {
    reason: 'CURSOR_INVALID',
    faults: [{ path: 'cursor', message: 'must be the nextCursor of the page before' }],
  })
