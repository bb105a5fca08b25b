import { EaselError } from '@easel/client'
import { readSpace } from '../../api/easel.ts'
import { wordsOf } from '../../api/words.ts'
import { count } from '../../lib/format.ts'
import { tell } from '../../ui/toasts.tsx'

export type Upload = {
  id: number
  name: string
  /** 0 to 1. */
  progress: number
  state: 'waiting' | 'running' | 'failed'
  /** Why it failed. */
  words?: string
}

type Waiting = { id: number; file: File; session: string | undefined }

/** So many are under way at once. */
const abreast = 2

let uploads: readonly Upload[] = []
let queue: readonly Waiting[] = []
let lastId = 0
let done = 0
const running = new Map<number, XMLHttpRequest>()
const watchers = new Set<() => void>()

/** For `useSyncExternalStore`. */
export const uploadStore = {
  list: (): readonly Upload[] => uploads,
  watch: (watcher: () => void): (() => void) => {
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  },
}

function become(next: readonly Upload[]): void {
  uploads = next
  for (const watcher of watchers) watcher()
}

const changed = (id: number, change: Partial<Upload>) =>
  uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload))

export function uploadFiles(files: readonly File[], session: string | undefined): void {
  const added = files.map((file) => ({ id: ++lastId, file, session }))
  queue = [...queue, ...added]
  become([
    ...uploads,
    ...added.map(({ id, file }): Upload => ({ id, name: file.name, progress: 0, state: 'waiting' })),
  ])
  startMore()
}

/** Those that have failed are forgotten, the others are ended. */
export function dismissUploads(): void {
  queue = []
  for (const request of running.values()) request.abort()
  become([])
}

/** Says that what was dropped cannot be sent. */
export function refuseUpload(name: string, words: string): void {
  become([...uploads, { id: ++lastId, name, progress: 0, state: 'failed', words }])
}

function startMore(): void {
  while (running.size < abreast && queue.length > 0) {
    const [next, ...rest] = queue
    queue = rest
    send(next!)
  }
  if (running.size > 0 || done === 0) return
  tell(`${count(done, 'file')} uploaded`)
  done = 0
}

/** Unlike `fetch`, it tells how much has been sent. */
function send({ id, file, session }: Waiting): void {
  const request = new XMLHttpRequest()
  running.set(id, request)
  become(changed(id, { state: 'running' }))
  const query = new URLSearchParams({ filename: file.name.slice(0, 1_000) || 'file' })
  if (session !== undefined) query.set('sessionId', session)
  request.open('POST', `/api/assets?${query}`)
  request.setRequestHeader('content-type', 'application/octet-stream')
  const space = readSpace()
  if (space !== undefined) request.setRequestHeader('x-space', space)
  request.upload.addEventListener('progress', ({ loaded, total }) =>
    become(changed(id, { progress: total > 0 ? loaded / total : 0 })),
  )
  request.addEventListener('loadend', () => {
    running.delete(id)
    if (request.status === 201) {
      done++
      become(uploads.filter((upload) => upload.id !== id))
    } else {
      become(changed(id, { state: 'failed', words: wordsOf(problemOf(request)).detail }))
    }
    startMore()
  })
  request.send(file)
}

function problemOf({ status, responseText }: XMLHttpRequest): EaselError {
  try {
    return new EaselError({ ...(JSON.parse(responseText) as object), status })
  } catch {
    // No answer at all, or a proxy's page.
    return new EaselError({ status, ...(status === 413 && { detail: 'The file is too large.' }) })
  }
}
