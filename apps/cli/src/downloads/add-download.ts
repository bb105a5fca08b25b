import { newId, type AppError } from '@easel/protocol'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { CreateDownload, DownloadView, Easel } from '@easel/client'
import type { AddOptions } from './add-options.ts'
import type { Context } from '../commands/context.ts'
import { failed, usageError } from '../exit-codes.ts'
import { leaveOnInterrupt } from '../run/interrupts.ts'
import { isTransient } from '../run/transient.ts'
import type { ProgressView } from '../output/progress.ts'
import { formatBytes } from '../output/units.ts'
import { nameOf } from './name-of.ts'
import { readWishes } from './wish.ts'

const lookMs = 500
const patienceMs = 60_000

export async function addDownload(
  context: Context,
  texts: readonly string[],
  options: AddOptions,
): Promise<void> {
  const { folder, sha256, name: filename, mirror: mirrors, priority, wait = true, tokenFile } = options
  const wish = readWishes(texts, options)
  if (wish.source === 'url' && folder === undefined) {
    throw usageError('Of a plain address nobody knows the folder: say --folder')
  }
  const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim()
  const body: CreateDownload = { ...wish, folder, sha256, filename, mirrors, priority, token }
  const download = await (await context.api()).downloads.create(body, { idempotencyKey: newId() })
  if (wait) return follow(context, download)
  context.out.show(download, ({ id }) => [id])
}

export async function watchDownload(context: Context, id: string): Promise<void> {
  await follow(context, await (await context.api()).downloads.get(id))
}

/** Ctrl-C ends the watching; the server goes on with the download. */
export async function follow(context: Context, download: DownloadView): Promise<void> {
  const { out } = context
  using interrupt = leaveOnInterrupt(`It goes on: easel dl watch ${download.id}`)
  const { signal } = interrupt
  const ended = await lookUntilEnd(await context.api(), download, { progress: out.progress(), signal })
  if (out.json) out.printJson(ended)
  const failure = failureOf(ended)
  if (failure) throw failure
  if (out.json) return
  const { bytesTotal, verification, files = [] } = ended
  for (const place of files && files.length > 0 ? files : [ended]) {
    out.print(`${place.folder}/${place.filename ?? ''}`)
  }
  out.note(`${formatBytes(bytesTotal ?? ended.bytesDone)}, ${verification}`)
}

async function lookUntilEnd(
  api: Easel,
  first: DownloadView,
  { progress, signal }: { progress: ProgressView; signal: AbortSignal },
): Promise<DownloadView> {
  using view = progress
  let download = first
  let lastSeen = performance.now()
  while (!['completed', 'failed', 'canceled'].includes(download.status)) {
    show(view, download)
    await delay(lookMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    try {
      download = await api.downloads.get(download.id)
      lastSeen = performance.now()
    } catch (cause) {
      if (!isTransient(cause) || performance.now() - lastSeen > patienceMs) throw cause
    }
  }
  return download
}

function show(view: ProgressView, download: DownloadView): void {
  const { status, bytesDone, bytesTotal, bytesPerSecond, etaSeconds } = download
  const name = nameOf(download)
  const speed = status === 'running' && bytesPerSecond ? `, ${formatBytes(bytesPerSecond)}/s` : ''
  const size = bytesTotal ? `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}` : formatBytes(bytesDone)
  view.update({
    label: status === 'running' ? name : status,
    value: bytesTotal ? bytesDone / bytesTotal : undefined,
    detail: status === 'queued' ? name : `${size}${speed}`,
    etaSeconds: status === 'running' ? etaSeconds : undefined,
  })
}

function failureOf({ id, status, error }: DownloadView): AppError | undefined {
  if (status === 'completed') return undefined
  if (status === 'canceled') return failed(`Download ${id} was canceled`, 'DOWNLOAD_CANCELED')
  return failed(
    `Download ${id} failed: ${error?.message ?? 'nobody knows why'}`,
    error?.code ?? 'DOWNLOAD_FAILED',
  )
}
