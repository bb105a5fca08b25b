import { AppError } from '@easel/protocol'
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { numbered } from './safe-name.ts'

type Bytes = ReadableStream<Uint8Array> | null
const mostNumbers = 10_000

/** Writes into `directory` under the first free name of `name`, `name-1`, …; gives the path. */
export async function saveUnder(directory: string, name: string, bytes: Bytes): Promise<string> {
  await mkdir(directory, { recursive: true })
  const path = await reserve(directory, name)
  await fill(path, bytes)
  return path
}

/** Writes exactly this file, which must not be there yet. */
export async function saveAs(path: string, bytes: Bytes): Promise<void> {
  if (!(await claim(path))) {
    throw new AppError('invalid', `${path} is there already`, { reason: 'FILE_EXISTS' })
  }
  await fill(path, bytes)
}

/** An empty file holds the name until the bytes are complete: two runs into one folder do not meet. */
async function reserve(directory: string, name: string): Promise<string> {
  for (let number = 0; number < mostNumbers; number++) {
    const path = join(directory, numbered(name, number))
    if (await claim(path)) return path
  }
  throw new AppError('conflict', `${directory} has no free name for ${name}`, { reason: 'FILE_EXISTS' })
}

async function claim(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close()
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw cause
  }
}

async function fill(path: string, bytes: Bytes): Promise<void> {
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    const source = bytes ? Readable.fromWeb(bytes) : Readable.from([])
    await pipeline(source, createWriteStream(part, { flags: 'wx' }))
    await rename(part, path)
  } catch (cause) {
    await Promise.all([rm(part, { force: true }), rm(path, { force: true })])
    throw cause
  }
}
