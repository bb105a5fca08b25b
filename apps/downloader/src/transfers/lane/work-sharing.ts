import type { Range } from './range-set.ts'

/** Ends of requests are multiples of it, as the blocks of the journal are. */
const alignment = 256 * 1024
/**
 * So long a range should last, that asking for the next costs little. Not longer: what comes before its turn is
 * hashed only when the ranges before it are whole.
 */
const lastingSeconds = 0.5
const lastingSecondsAlone = 2
const lastingRoundTrips = 30

/** Less is not worth a request. */
const leastBytes = 1024 * 1024

type Sharing = {
  /** Connections among which the rest is shared. */
  connections: number
  chunkBytes: number
  /** Bytes a second of one connection; 0 while it is not known. */
  rate: number
  /** From a request to its answer. */
  roundTripSeconds: number
}

/** Takes the next range out of what nobody fetches: longer ones for fast connections, shorter ones near the end. */
export function claim(missing: Range[], sharing: Sharing): Range | undefined {
  const first = missing[0]
  if (!first) return undefined
  const { connections, chunkBytes, rate } = sharing
  const rest = missing.reduce((sum, { start, end }) => sum + end - start, 0)
  const least = Math.min(chunkBytes, leastBytes)
  const lasting = Math.max(
    connections === 1 ? lastingSecondsAlone : lastingSeconds,
    lastingRoundTrips * sharing.roundTripSeconds,
  )
  const wished = rate === 0 ? chunkBytes : Math.max(least, rate * lasting)
  const fair = connections === 1 ? rest : Math.max(least, rest / (2 * connections))
  const cut = Math.ceil((first.start + Math.min(fair, wished)) / alignment) * alignment
  // A small rest is not worth a request of its own.
  const end = first.end - cut < alignment ? first.end : cut
  if (end >= first.end) return missing.shift()
  missing[0] = { start: end, end: first.end }
  return { start: first.start, end }
}

/** Gives a range back. */
export function release(missing: Range[], range: Range): void {
  if (range.end <= range.start) return
  const at = missing.findIndex(({ start }) => start > range.start)
  missing.splice(at < 0 ? missing.length : at, 0, range)
}

export type Busy = { at: number; left: number; rate: number }

/**
 * Where the slowest is to be relieved of its end by a connection of this rate: both are done at the same time then.
 * Undefined where nobody is behind so much that it pays.
 */
export function relieve<B extends Busy>(
  busy: readonly B[],
  rate: number,
): { from: B; at: number; end: number } | undefined {
  const secondsOf = ({ left, rate: own }: Busy) => left / Math.max(1, own)
  const from = busy.reduce<B | undefined>(
    (slowest, each) => (!slowest || secondsOf(each) > secondsOf(slowest) ? each : slowest),
    undefined,
  )
  if (!from || !Number.isFinite(from.left) || rate <= 0 || secondsOf(from) < 1) return undefined
  const end = from.at + from.left
  const share = (from.left * from.rate) / (from.rate + rate)
  const at = from.rate < rate / 20 ? from.at : Math.ceil((from.at + share) / alignment) * alignment
  const gained = (end - at) / rate
  return at < end && gained < secondsOf(from) * 0.75 ? { from, at, end } : undefined
}
