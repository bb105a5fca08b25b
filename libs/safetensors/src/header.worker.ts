import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { checkHeader, FormatFault, prefixBytes } from './check-header.ts'
import type { SoundHeader } from './check-header.ts'
import type { HeaderReply, HeaderTask } from './header-thread.ts'

const entriesPerReply = 1000
const charactersPerReply = 256 * 1024

/** The answer in pieces, each asked for, so that the receiver unpacks one per turn of its event loop. */
function* replies({ metadata, tensors, summary }: SoundHeader, maxTensors: number): Generator<HeaderReply> {
  yield { summary }
  let entries: [string, string][] = []
  let characters = 0
  for (const entry of metadata) {
    entries.push(entry)
    characters += entry[0].length + entry[1].length
    if (characters < charactersPerReply && entries.length < entriesPerReply) continue
    yield { metadata: entries }
    entries = []
    characters = 0
  }
  yield { metadata: entries }
  const listed = Math.min(tensors.length, maxTensors)
  for (let start = 0; start < listed; start += entriesPerReply) {
    yield { tensors: tensors.slice(start, Math.min(start + entriesPerReply, listed)) }
  }
  yield { done: true }
}

function* run(task: HeaderTask): Generator<HeaderReply> {
  let header: SoundHeader
  try {
    header = checkHeader(bytesOf(task), task.totalBytes)
  } catch (cause) {
    if (!(cause instanceof FormatFault)) throw cause
    yield { fault: cause.fault, message: cause.message }
    return
  }
  yield* replies(header, task.maxTensors)
}

function bytesOf({ from, headerBytes }: HeaderTask): Buffer {
  if (typeof from !== 'string') return Buffer.from(from.buffer, from.byteOffset, from.byteLength)
  const bytes = Buffer.alloc(headerBytes)
  const file = openSync(from, 'r')
  try {
    let done = 0
    while (done < headerBytes) {
      const read = readSync(file, bytes, done, headerBytes - done, prefixBytes + done)
      if (read === 0) throw new Error('The file became shorter while it was read')
      done += read
    }
  } finally {
    closeSync(file)
  }
  return bytes
}

const pieces = run(workerData as HeaderTask)
parentPort!.on('message', () => {
  const piece = pieces.next()
  if (!piece.done) parentPort!.postMessage(piece.value)
})
