import { parentPort, workerData } from 'node:worker_threads'
import { FetchSession } from './fetch-session.ts'
import type { HashReply, LaneMemory, LaneReply, LaneTask } from './lane-messages.ts'
import { PartialWriter } from './partial-writer.ts'
import { Slots } from './slots.ts'

type File = { writer: PartialWriter; session?: FetchSession | undefined; told: string; toldAt: number }

const tickMs = 20
const tellMs = 100
const busyShare = 0.75

const memory = workerData as LaneMemory
const slots = new Slots(memory.slots)
const files = new Map<number, File>()
let utilization = performance.eventLoopUtilization()

const post = (reply: LaneReply) => parentPort!.postMessage(reply)

function fail(id: number, cause: unknown): void {
  const { code = 'UNKNOWN', message } = cause as NodeJS.ErrnoException
  post({ kind: 'failed', id, code, message })
}

async function take(task: LaneTask): Promise<void> {
  const { id } = task
  if (task.kind === 'open') {
    const writer = new PartialWriter(id, task, { hash: memory.port, slots })
    files.set(id, { writer, told: '', toldAt: 0 })
    return post({ kind: 'opened', id, version: writer.version, done: writer.done })
  }
  const file = files.get(id)
  if (!file) return task.kind === 'close' ? post({ kind: 'closed', id }) : undefined
  const { writer, session } = file
  switch (task.kind) {
    case 'begin':
      writer.begin(task.version, task.keep)
      return post({ kind: 'begun', id })
    case 'fetch':
      file.session = new FetchSession(task.plan, writer, {
        onEnd: (outcome) => {
          file.session = undefined
          post({ kind: 'progress', id, done: writer.done, connections: 0 })
          post({ kind: 'ended', id, outcome })
        },
        onFailure: (cause) => {
          file.session = undefined
          fail(id, cause)
        },
        onWant: (bytes) => post({ kind: 'want', id, bytes }),
      })
      return file.session.start()
    case 'finish':
      return post({ kind: 'finished', id, ...(await writer.finish(task.sync)) })
    case 'close':
      session?.stop()
      files.delete(id)
      await writer.close()
      return post({ kind: 'closed', id })
    case 'stop':
      return session?.stop()
    case 'allow':
      return session?.allow(task.connections)
    case 'limit':
      return session?.limit(task.limited)
    case 'grant':
      return session?.grant(task.bytes)
  }
}

parentPort!.on('message', (task: LaneTask) => {
  take(task).catch((cause: unknown) => fail(task.id, cause))
})

memory.port.on('message', (reply: HashReply) => {
  if (reply.kind === 'free') return slots.giveShared(reply.slot)
  const writer = files.get(reply.id)?.writer
  if (reply.kind === 'digest') return writer?.hashed(reply.sha256)
  writer?.failed(Object.assign(new Error(reply.message), { code: reply.code }))
})

setInterval(() => {
  const now = performance.now()
  const last = utilization
  utilization = performance.eventLoopUtilization()
  const busy = performance.eventLoopUtilization(utilization, last).utilization > busyShare
  for (const [id, file] of files) {
    file.session?.tick(now, busy)
    if (now - file.toldAt < tellMs) continue
    file.toldAt = now
    const { done } = file.writer
    const connections = file.session?.connections ?? 0
    const told = `${done} ${connections}`
    if (!file.session || told === file.told) continue
    file.told = told
    post({ kind: 'progress', id, done, connections })
  }
}, tickMs)
