import { createHash } from 'node:crypto'
import { Blake3Hasher } from '@napi-rs/blake-hash'
import { AppError } from '@easel/protocol'
import type { BlobAlgorithm, BlobKey } from './blob-store.ts'

const pattern = /^(blake3|sha256):([0-9a-f]{64})$/

/** The only way from a key to a path or an object name: what comes out is one of two words and 64 hex digits. */
export function parseKey(key: BlobKey): { algorithm: BlobAlgorithm; hex: string } {
  const match = pattern.exec(key)
  if (!match) throw new AppError('invalid', 'This is no blob key', { reason: 'BLOB_KEY_INVALID' })
  return { algorithm: match[1] as BlobAlgorithm, hex: match[2]! }
}

export const isBlobKey = (text: string): boolean => pattern.test(text)

export const algorithms: readonly BlobAlgorithm[] = ['blake3', 'sha256']

export type ContentHash = { update(bytes: Uint8Array): unknown; digest(encoding: 'hex'): string }

export const contentHash = (algorithm: BlobAlgorithm): ContentHash =>
  algorithm === 'sha256' ? createHash('sha256') : new Blake3Hasher()
