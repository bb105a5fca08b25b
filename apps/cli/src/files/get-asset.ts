import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Context } from '../commands/context.ts'
import { endingOf } from '../run/fetch-outputs.ts'
import { safeName } from './safe-name.ts'
import { saveAs, saveUnder } from './save-file.ts'

/** Into a folder under its own name, never over another file; or to the file that is named, or to stdout. */
export async function getAsset(context: Context, id: string, output?: string): Promise<void> {
  const { out, terminal } = context
  const api = await context.api()
  if (output === '-') {
    const { body: bytes } = await api.assets.download(id)
    if (bytes) await pipeline(Readable.fromWeb(bytes), terminal.stdout, { end: false })
    return
  }
  const asset = await api.assets.get(id)
  const name = safeName(asset.filename ?? '', `${asset.id}${endingOf(asset.mime)}`)
  const directory = output === undefined ? '.' : (await isDirectory(output)) ? output : undefined
  const { body: bytes } = await api.assets.download(id)
  const path = directory === undefined ? await named(output!, bytes) : await saveUnder(directory, name, bytes)
  if (out.json) out.printJson({ assetId: asset.id, path, bytes: asset.bytes })
  else out.print(path)
}

async function named(path: string, bytes: Parameters<typeof saveAs>[1]): Promise<string> {
  await saveAs(path, bytes)
  return path
}

async function isDirectory(path: string): Promise<boolean> {
  if (path.endsWith('/')) return true
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
