import { newId } from '@easel/protocol'
import type { BundleStatus, DownloadView, Easel } from '@easel/client'
import type { Context } from '../commands/context.ts'
import { failed, usageError } from '../exit-codes.ts'
import { follow } from './add-download.ts'
import { findFiles, type Found } from './find-files.ts'
import { wishOf } from './wish-of.ts'

export type GetOptions = {
  bundle?: string
  variant?: string
  all?: boolean
  wait?: boolean
  dryRun?: boolean
}

/** For scripts: 0 when the file is in the library at the end, 1 when nothing matched. */
export async function getFile(context: Context, name: string, options: GetOptions): Promise<void> {
  const { out } = context
  const api = await context.api()
  const bundles = await statusesOf(api, options)
  const found = findFiles(bundles, name)
  if (found.length === 0) throw failed(`No file of a bundle is called ${name}`, 'NOTHING_MATCHED')
  const names = new Set(found.map(({ pair }) => pair))
  if (names.size > 1 && !options.all) {
    const list = found.map(({ file }) => `  ${file.folder}/${file.filename}`).join('\n')
    throw usageError(`${names.size} files match; say more of the name, or --all:\n${list}`, 'SEVERAL_MATCHED')
  }
  const missing = found.filter(({ file }) => file.state !== 'present')
  if (options.dryRun || missing.length === 0) return tell(context, found)
  const downloads: DownloadView[] = []
  for (const { file } of missing) {
    downloads.push(await api.downloads.create(wishOf(file), { idempotencyKey: newId() }))
  }
  if (options.wait === false) return out.show({ downloads }, (made) => made.downloads.map(({ id }) => id))
  for (const download of downloads) await follow(context, download)
}

async function statusesOf(api: Easel, { bundle, variant }: GetOptions): Promise<BundleStatus[]> {
  if (bundle !== undefined) return [await api.bundles.status(bundle, { variant })]
  const { eachItem } = await import('@easel/client')
  const statuses: BundleStatus[] = []
  for await (const { id } of eachItem((cursor) => api.bundles.list({ limit: 200, cursor }))) {
    statuses.push(await api.bundles.status(id, {}))
  }
  return statuses
}

function tell({ out }: Context, found: readonly Found[]): void {
  const files = found.map(({ bundleId, file }) => ({ bundleId, ...file }))
  out.show({ files }, (shown) => shown.files.map(({ folder, filename }) => `${folder}/${filename}`))
}
