import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { PartialReply, PartialTask } from './partial-messages.ts'

let file = -1
let bytes = 0
let sha256 = createHash('sha256')

/** Opens or makes the file, keeps its first `keep` bytes at most, and hashes what it keeps. */
function open(path: string, keep: number): number {
  file = openSync(path, 'a+', 0o644)
  const kept = Math.min(keep, fstatSync(file).size)
  ftruncateSync(file, kept)
  const chunk = Buffer.alloc(1024 * 1024)
  while (bytes < kept) {
    const read = readSync(file, chunk, 0, Math.min(chunk.length, kept - bytes), bytes)
    if (read === 0) throw new Error('The partial file became shorter while it was read')
    sha256.update(chunk.subarray(0, read))
    bytes += read
  }
  return bytes
}

function restart(): number {
  ftruncateSync(file, 0)
  sha256 = createHash('sha256')
  bytes = 0
  return 0
}

/** The file is open for appending, so where to write is never in question. */
function write(buffer: ArrayBuffer, length: number): void {
  const chunk = new Uint8Array(buffer, 0, length)
  for (let at = 0; at < length;) at += writeSync(file, chunk, at, length - at)
  sha256.update(chunk)
  bytes += length
}

function answer(task: PartialTask): void {
  switch (task.kind) {
    case 'open':
      return post({ kind: 'opened', bytes: open(task.path, task.keep) })
    case 'restart':
      return post({ kind: 'opened', bytes: restart() })
    case 'write':
      write(task.buffer, task.length)
      return parentPort!.postMessage({ kind: 'written', buffer: task.buffer, length: task.length }, [
        task.buffer,
      ])
    case 'finish':
      closeSync(file)
      return post({ kind: 'finished', sha256: sha256.digest('hex'), bytes })
  }
}

const post = (reply: PartialReply) => parentPort!.postMessage(reply)

parentPort!.on('message', (task: PartialTask) => {
  try {
    answer(task)
  } catch (cause) {
    const { code = 'UNKNOWN', message } = cause as NodeJS.ErrnoException
    post({ kind: 'failed', code, message })
  }
})
