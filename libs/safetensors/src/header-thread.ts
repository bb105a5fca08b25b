import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { AppError } from '@easel/protocol'
import { FormatFault } from './check-header.ts'
import type { HeaderFault, HeaderSummary, SoundHeader, SoundTensor } from './check-header.ts'
import { workerUrl } from './worker-url.ts'

export type HeaderTask = {
  /** A path, or the bytes of the header. */
  from: string | Uint8Array
  headerBytes: number
  totalBytes: number
  maxTensors: number
}

export type HeaderReply = {
  summary?: HeaderSummary
  metadata?: [string, string][]
  tensors?: SoundTensor[]
  fault?: HeaderFault
  message?: string
  done?: boolean
}

/** What the largest legal header needs (1.4 million tensors), and no more: a hostile one cannot take the rest. */
const heapMiB = 1536

let last: Promise<unknown> = Promise.resolve()

/** `checkHeader` in a thread of its own. One at a time: several at once would add up to gigabytes. */
export function checkHeaderInThread(task: HeaderTask, signal?: AbortSignal): Promise<SoundHeader> {
  const result = last.then(() => runThread(task, signal))
  last = result.catch(() => undefined) // whoever asked is told; the next one only waits for the end
  return result
}

async function runThread(task: HeaderTask, signal?: AbortSignal): Promise<SoundHeader> {
  signal?.throwIfAborted()
  const worker = new Worker(workerUrl('header'), {
    workerData: task,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMiB },
  })
  try {
    return await collect(worker, signal)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      throw new AppError('exhausted', 'The header takes too much memory', {
        reason: 'SAFETENSORS_TOO_COMPLEX',
      })
    }
    throw signal?.aborted ? signal.reason : cause
  } finally {
    await worker.terminate()
  }
}

async function collect(worker: Worker, signal?: AbortSignal): Promise<SoundHeader> {
  const metadata = new Map<string, string>()
  const tensors: SoundTensor[] = []
  let summary: HeaderSummary | undefined
  for (;;) {
    const answer = once(worker, 'message', { signal })
    worker.postMessage('next')
    const [reply] = (await answer) as [HeaderReply]
    if (reply.fault) throw new FormatFault(reply.fault, reply.message ?? '')
    summary ??= reply.summary
    for (const [name, value] of reply.metadata ?? []) metadata.set(name, value)
    for (const tensor of reply.tensors ?? []) tensors.push(tensor)
    if (reply.done && summary) return { metadata, tensors, summary }
  }
}
