import { nsfwLevels } from '@easel/contracts'
import type { NsfwLevel } from '@easel/contracts'

/** Above every level that may be shown. */
const hidden = nsfwLevels.length

/**
 * The lowest level of CivitAI's bits: a model that has harmless pictures beside others can be shown, without the
 * others. Not rated is PG; blocked alone is above all.
 */
export function rankOf(bits: number): number {
  if (bits <= 0) return 0
  const lowest = Math.log2(bits & -bits)
  return Math.min(lowest, hidden)
}

/** A picture is at its highest level. */
export function highestRank(bits: number): number {
  return bits <= 0 ? 0 : Math.min(31 - Math.clz32(bits), hidden)
}

export const rankOfLevel = (level: NsfwLevel = 'pg'): number => nsfwLevels.indexOf(level)

export const levelOfRank = (rank: number): NsfwLevel => nsfwLevels[Math.min(rank, hidden - 1)]!

/** What a source is asked for. */
export const bitsUpTo = (level: NsfwLevel = 'pg'): number => 2 ** (rankOfLevel(level) + 1) - 1
