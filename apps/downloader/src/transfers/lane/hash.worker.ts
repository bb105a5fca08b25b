import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { slotBytes } from './lane-messages.ts'
import type { HashReply, HashTask, LaneMemory } from './lane-messages.ts'

type Step = Extract<HashTask, { kind: 'slot' | 'file' | 'restart' | 'digest' }>
type Hashing = { file: number; sha256: ReturnType<typeof createHash>; steps: Step[] }

const { slots, port } = workerData as LaneMemory
const buffer = Buffer.allocUnsafeSlow(1024 * 1024)
const hashings = new Map<number, Hashing>()
let running = false

const post = (reply: HashReply) => port.postMessage(reply)

port.on('message', (task: HashTask) => {
  try {
    take(task)
  } catch (cause) {
    fail(task.id, cause)
  }
})

function take(task: HashTask): void {
  if (task.kind === 'open') {
    hashings.set(task.id, { file: openSync(task.path, 'r'), sha256: createHash('sha256'), steps: [] })
    return
  }
  const hashing = hashings.get(task.id)
  if (task.kind === 'close') {
    if (hashing) close(task.id, hashing)
    return
  }
  if (!hashing) return free(task)
  if (task.kind === 'restart') for (const step of hashing.steps.splice(0)) free(step)
  hashing.steps.push(task)
  if (running) return
  running = true
  setImmediate(run)
}

/** A little of each file in turn; what has come meanwhile is heard in between. */
function run(): void {
  running = false
  for (const [id, hashing] of hashings) {
    try {
      for (let count = 0; count < 8 && hashing.steps.length > 0; count++) step(id, hashing)
    } catch (cause) {
      fail(id, cause)
    }
    running ||= hashing.steps.length > 0
  }
  if (running) setImmediate(run)
}

function step(id: number, hashing: Hashing): void {
  const task = hashing.steps[0]!
  switch (task.kind) {
    case 'restart':
      hashing.sha256 = createHash('sha256')
      break
    case 'slot':
      hashing.sha256.update(new Uint8Array(slots, task.slot * slotBytes, task.length))
      free(task)
      break
    case 'file':
      if (!readSome(hashing, task)) return
      break
    case 'digest':
      post({ kind: 'digest', id, sha256: hashing.sha256.digest('hex') })
  }
  hashing.steps.shift()
}

/** Gives whether it is done. */
function readSome({ file, sha256 }: Hashing, task: { start: number; end: number }): boolean {
  const read = readSync(file, buffer, 0, Math.min(buffer.length, task.end - task.start), task.start)
  if (read === 0) throw new Error('The partial file became shorter while it was read')
  sha256.update(buffer.subarray(0, read))
  task.start += read
  return task.start === task.end
}

function free(task: HashTask): void {
  if (task.kind === 'slot') post({ kind: 'free', slot: task.slot })
}

function close(id: number, { file, steps }: Hashing): void {
  for (const task of steps) free(task)
  closeSync(file)
  hashings.delete(id)
}

function fail(id: number, cause: unknown): void {
  const { code = 'UNKNOWN', message } = cause as NodeJS.ErrnoException
  const hashing = hashings.get(id)
  if (hashing) close(id, hashing)
  post({ kind: 'failed', id, code, message })
}
