import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { AssetView } from '@easel/client'
import type { Context } from '../commands/context.ts'
import { usageError } from '../exit-codes.ts'

/** All files are looked at before the first is sent. */
export async function uploadFiles(
  context: Context,
  files: readonly string[],
  options: { sessionId?: string; tags?: readonly string[] },
): Promise<void> {
  for (const file of files) {
    const found = await stat(file).catch(() => undefined)
    if (!found?.isFile()) throw usageError(`There is no file ${file}`)
  }
  const api = await context.api()
  const items: AssetView[] = []
  {
    using view = context.out.progress()
    for (const [index, file] of files.entries()) {
      view.update({ label: file, value: index / files.length, detail: `${index + 1} of ${files.length}` })
      items.push(await api.assets.upload(await openAsBlob(file), { filename: basename(file), ...options }))
    }
  }
  if (context.out.json) context.out.printJson({ items, nextCursor: null })
  else context.out.printLines(items.map(({ id }) => id))
}
