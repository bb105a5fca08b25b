import { createHash } from 'node:crypto'
import type { FileVersion } from './lane/lane-messages.ts'
import type { Probed } from './probe.ts'
import type { FileAddress } from './wanted-file.ts'

export const versionOf = (address: FileAddress, { total, validators }: Probed): FileVersion => ({
  total,
  ...validators,
  address: createHash('sha256').update(address.url).digest('hex').slice(0, 16),
})

/**
 * May bytes of the one be joined to bytes of the other? Only where a validator, or else a hash that the whole will be
 * held against, vouches for it.
 */
export function joins(before: FileVersion, now: FileVersion, hashKnown: boolean): boolean {
  if (before.total === null || before.total !== now.total) return false
  if (before.address !== now.address) return hashKnown
  if (before.etag !== null && now.etag !== null) return before.etag === now.etag
  if (before.lastModified !== null && now.lastModified !== null)
    return before.lastModified === now.lastModified
  return hashKnown
}

/** Several requests may make one file only under the same condition. */
export const isSteady = ({ etag, lastModified }: FileVersion, hashKnown: boolean): boolean =>
  hashKnown || etag !== null || lastModified !== null
