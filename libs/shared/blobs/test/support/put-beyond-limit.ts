// Run under a file size limit: says how a put fails and what is left behind.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@easel/protocol'
import { openBlobs } from '../../src/index.ts'

const [folder = '', pieces = '1'] = process.argv.slice(2)
await using blobs = await openBlobs(`file:${folder}`)

async function* source() {
  for (let piece = 0; piece < Number(pieces); piece += 1) yield Buffer.alloc(700_000, piece)
}

const outcome = await blobs.put(source()).then(
  () => 'stored',
  (cause: unknown) => (cause instanceof AppError ? `${cause.code} ${cause.reason}` : String(cause)),
)
process.stdout.write(JSON.stringify({ outcome, left: readdirSync(join(folder, 'incoming')).length }))
