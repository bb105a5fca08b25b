import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { AppError } from '@easel/protocol'
import { autoV2, autoV3Of } from '@easel/safetensors'
import type { Hasher } from '@easel/safetensors'
import { describeBesides, describeFile } from './describe-file.ts'
import type { Describer, FileDescription } from './describe-file.ts'
import { storable } from './storable.ts'
import type { FoundFile } from './walk.ts'

export type Inspection = {
  hasher: Hasher
  describer: Describer
  signal: AbortSignal
  onProgress: (bytes: number) => void
}

/** What looking into a file's bytes gave. */
export type ByteFacts = {
  state: 'ready' | 'refused'
  problem: string | null
  unsafe: boolean
  sha256: string | null
  autoV2: string | null
  autoV3: string | null
}

export type FileFacts = ByteFacts & { description: FileDescription }

const nothingKnown: ByteFacts = {
  state: 'ready',
  problem: null,
  unsafe: false,
  sha256: null,
  autoV2: null,
  autoV3: null,
}

const pickle: ByteFacts = {
  ...nothingKnown,
  unsafe: true,
  problem: 'A pickle can run code when it is loaded: it is listed and never opened.',
}

const unreadable: ByteFacts = {
  ...nothingKnown,
  state: 'refused',
  problem: 'The file cannot be read.',
}

/** Reads header and hash. Rejects when the file cannot be read; what is wrong with its bytes is a fact. */
export async function inspectFile(file: FoundFile, inspection: Inspection): Promise<FileFacts> {
  const { describer } = inspection
  if (file.format === 'pickle') return { ...pickle, description: await describeBesides(file, describer) }
  const disguise = await findDisguise(file)
  if (disguise) return { ...disguise, description: await describeBesides(file, describer) }
  try {
    const { description, dataStart } = await describeFile(file, describer)
    return { ...nothingKnown, ...(await hashes(file, inspection, dataStart)), description }
  } catch (cause) {
    const broken = brokenHeader(cause)
    return { ...broken, description: await describeBesides(file, describer) }
  }
}

/** Of a file whose bytes are known already. */
export async function redescribeFile(file: FoundFile, describer: Describer): Promise<FileDescription> {
  if (file.format === 'pickle' || (await findDisguise(file))) return await describeBesides(file, describer)
  try {
    return (await describeFile(file, describer)).description
  } catch (cause) {
    brokenHeader(cause)
    return await describeBesides(file, describer)
  }
}

export async function unreadableFile(file: FoundFile, describer: Describer): Promise<FileFacts> {
  return { ...unreadable, description: await describeBesides(file, describer) }
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

/** Throws again what is no fault of the file's header. */
function brokenHeader(cause: unknown): ByteFacts {
  const reasons = ['SAFETENSORS_INVALID', 'GGUF_INVALID', 'SAFETENSORS_TOO_COMPLEX']
  if (!(cause instanceof AppError) || !reasons.includes(cause.reason ?? '')) throw cause
  return { ...nothingKnown, state: 'refused', problem: storable(cause.message).slice(0, 500) }
}

async function hashes(
  file: FoundFile,
  { hasher, signal, onProgress }: Inspection,
  dataStart: number | undefined,
): Promise<Partial<ByteFacts>> {
  let told = 0
  const tell = ({ bytes }: { bytes: number }) => {
    onProgress(bytes - told)
    told = bytes
  }
  const { hash, dataHash, bytes } = await hasher.hashFile(file.absolute, {
    signal,
    onProgress: tell,
    ...(dataStart !== undefined && { dataStart }),
  })
  tell({ bytes })
  return { sha256: hash, autoV2: autoV2(hash), ...(dataHash && { autoV3: autoV3Of(dataHash) }) }
}

/** Endings lie: a zip or a pickle under another name is as unsafe as under its own. */
async function findDisguise(file: FoundFile): Promise<ByteFacts | undefined> {
  const head = await headOf(file.absolute)
  // The same bytes may begin a safetensors header of 640 bytes; then the rest of its length is zeros.
  const pickled = /^(PK\x03\x04|\x80[\x02-\x05])/.test(head) && !head.endsWith('\0\0\0\0')
  if (!pickled || file.format === 'other') return undefined
  return {
    ...nothingKnown,
    state: 'refused',
    unsafe: true,
    problem: `A pickle under the name of a ${file.format} file: it can run code when it is loaded.`,
  }
}

async function headOf(path: string): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
  return buffer.subarray(0, bytesRead).toString('latin1')
}
