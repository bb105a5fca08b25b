import { open, stat } from 'node:fs/promises'
import { AppError } from '@easel/protocol'
import { autoV2, autoV3, fileSource, readHeader, trainerFacts } from '@easel/safetensors'
import type { Hasher } from '@easel/safetensors'
import { baseModelName } from './base-model.ts'
import type { FileFacts } from './scan.repository.ts'
import type { FoundFile } from './walk.ts'

export type Inspection = {
  hasher: Hasher
  signal: AbortSignal
  onProgress: (bytes: number) => void
}

const nothingKnown: FileFacts = {
  state: 'ready',
  problem: null,
  unsafe: false,
  sha256: null,
  autoV2: null,
  autoV3: null,
  baseModel: null,
  title: null,
  triggerWords: [],
  tensorCount: null,
  parameterCount: null,
  dtypes: [],
  metadata: null,
}

export const pickleFacts: FileFacts = {
  ...nothingKnown,
  unsafe: true,
  problem: 'A pickle can run code when it is loaded: it is listed and never opened.',
}

export const unreadableFacts: FileFacts = {
  ...nothingKnown,
  state: 'refused',
  problem: 'The file cannot be read.',
}

const longestMetadata = 64 * 1024
const longestValue = 8 * 1024

/** Reads header and hash. Rejects when the file cannot be read; what is wrong with its bytes is a fact. */
export async function inspectFile(file: FoundFile, inspection: Inspection): Promise<FileFacts> {
  if (file.format === 'pickle') return pickleFacts
  const disguise = await findDisguise(file)
  if (disguise) return disguise
  if (file.format !== 'safetensors') return { ...nothingKnown, ...(await hashes(file, inspection)) }
  try {
    const header = await readHeader(fileSource(file.absolute), { maxTensors: 1, signal: inspection.signal })
    const { title, baseModel, architecture, triggerWords } = trainerFacts(header.metadata)
    return {
      ...nothingKnown,
      title: textOf(title),
      baseModel: textOf(baseModelName(baseModel, architecture)),
      triggerWords: triggerWords.map(storable).filter((word) => word !== ''),
      tensorCount: header.tensorCount,
      parameterCount: header.parameterCount,
      dtypes: Object.keys(header.dtypes),
      metadata: boundedMetadata(header.metadata),
      ...(await hashes(file, inspection)),
    }
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.reason !== 'SAFETENSORS_INVALID') throw cause
    return { ...nothingKnown, state: 'refused', problem: storable(cause.message).slice(0, 500) }
  }
}

/** Is the file the same as when the walk saw it? */
export async function isUnchanged(file: FoundFile): Promise<boolean> {
  const { ino, size, mtimeNs } = await stat(file.absolute, { bigint: true })
  return file.fingerprint.endsWith(`:${ino}:${size}:${mtimeNs}`)
}

export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function hashes(
  file: FoundFile,
  { hasher, signal, onProgress }: Inspection,
): Promise<Partial<FileFacts>> {
  let told = 0
  const tell = ({ bytes }: { bytes: number }) => {
    onProgress(bytes - told)
    told = bytes
  }
  const { hash, bytes } = await hasher.hashFile(file.absolute, { signal, onProgress: tell })
  tell({ bytes })
  const short = { sha256: hash, autoV2: autoV2(hash) }
  if (file.format !== 'safetensors') return short
  return {
    ...short,
    autoV3: await autoV3(file.absolute, (path, options) => hasher.hashFile(path, { ...options, signal })),
  }
}

/** Endings lie: a zip or a pickle under another name is as unsafe as under its own. */
async function findDisguise(file: FoundFile): Promise<FileFacts | undefined> {
  const head = await headOf(file.absolute)
  // The same bytes may begin a safetensors header of 640 bytes; then the rest of its length is zeros.
  const pickled = /^(PK\x03\x04|\x80[\x02-\x05])/.test(head) && !head.endsWith('\0\0\0\0')
  if (pickled && file.format !== 'other') {
    return {
      ...nothingKnown,
      state: 'refused',
      unsafe: true,
      problem: `A pickle under the name of a ${file.format} file: it can run code when it is loaded.`,
    }
  }
  if (file.format === 'gguf' && !head.startsWith('GGUF')) {
    return { ...nothingKnown, state: 'refused', problem: 'No GGUF file: its first four bytes are others.' }
  }
  return undefined
}

async function headOf(path: string): Promise<string> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
  return buffer.subarray(0, bytesRead).toString('latin1')
}

/** Headers may hold megabytes of training notes; what is long is left out. */
function boundedMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const kept: [string, string][] = []
  let size = 0
  for (const [name, value] of Object.entries(metadata)) {
    size += name.length + value.length
    if (value.length > longestValue || name.length > 200) size -= name.length + value.length
    else if (size > longestMetadata) break
    else kept.push([storable(name), storable(value)])
  }
  return Object.fromEntries(kept)
}

const textOf = (text: string | undefined): string | null =>
  text === undefined ? null : storable(text).slice(0, 300).toWellFormed()

/** Postgres takes neither NUL nor half of a surrogate pair. */
const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed()
