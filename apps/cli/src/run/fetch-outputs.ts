import { EaselError } from '@easel/client'
import { setTimeout as delay } from 'node:timers/promises'
import type { Easel, JobOutput, JobView } from '@easel/client'
import { safeName } from '../files/safe-name.ts'
import { saveUnder } from '../files/save-file.ts'

export type SavedOutput = { jobId: string; index: number; assetId: string; path: string }

/** The gallery takes outputs in a moment after the job has ended. */
const importMs = 15_000
const pauseMs = 100

/** The outputs worth keeping: previews only when there is nothing else. */
export function outputsToKeep(job: JobView, withPreviews: boolean): JobOutput[] {
  const kept = job.outputs.filter(({ temporary }) => !temporary)
  return withPreviews || kept.length === 0 ? job.outputs : kept
}

/** Saves an output under the name ComfyUI gave it, or the next free one. */
export async function fetchOutput(
  api: Easel,
  output: JobOutput,
  { job, directory }: { job: JobView; directory: string },
): Promise<SavedOutput> {
  const name = safeName(output.filename ?? '', `${job.id}-${output.index}${endingOf(output.mime)}`)
  const path = await saveUnder(directory, name, await contentOf(api, output.assetId))
  return { jobId: job.id, index: output.index, assetId: output.assetId, path }
}

async function contentOf(api: Easel, assetId: string) {
  const deadline = performance.now() + importMs
  for (;;) {
    try {
      return (await api.assets.download(assetId)).body
    } catch (cause) {
      const isComing = cause instanceof EaselError && cause.status === 404 && performance.now() < deadline
      if (!isComing) throw cause
      await delay(pauseMs)
    }
  }
}

const endings: Readonly<Record<string, string>> = {
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'image/webp': '.webp',
  'image/gif': '.gif',
  'video/mp4': '.mp4',
  'video/webm': '.webm',
  'audio/flac': '.flac',
  'audio/mpeg': '.mp3',
  'audio/ogg': '.ogg',
  'text/plain': '.txt',
  'application/json': '.json',
}

export function endingOf(mime: string): string {
  const type = mime.split(';')[0]!.trim().toLowerCase()
  return Object.hasOwn(endings, type) ? endings[type]! : '.bin'
}
