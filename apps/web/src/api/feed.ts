import type { EaselEvent, JobProgress, JobView } from '@easel/client'
import type { QueryClient } from '@tanstack/react-query'
import type { LiveStream } from './live.ts'

const settleMs = 250

/** Keeps what the page has read in step with what happens: the events carry whole objects. */
export function feedQueries(client: QueryClient, stream: LiveStream): () => void {
  const stale = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const readAgain = (key: string) => {
    stale.add(key)
    timer ??= setTimeout(() => {
      timer = undefined
      for (const each of stale) void client.invalidateQueries({ queryKey: [each] })
      stale.clear()
    }, settleMs)
  }
  const stop = stream.listen({
    event: (event) => apply(client, event, readAgain),
    gap: () => void client.invalidateQueries(),
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}

function apply(client: QueryClient, event: EaselEvent, readAgain: (key: string) => void): void {
  const [subject] = event.type.split('.')
  if (event.type === 'job.progress') {
    const { jobId, phase, ...progress } = event.data as JobProgress & {
      jobId: string
      phase?: JobView['phase']
    }
    client.setQueryData<JobView>(
      ['job', jobId],
      (job) => job && { ...job, progress, ...(phase && { phase }) },
    )
    return
  }
  if (event.type === 'download.progress') {
    client.setQueryData(['download', (event.data as { id: string }).id], event.data)
    return
  }
  if (subject === 'job') {
    const job = event.data as JobView
    client.setQueryData(['job', job.id], job)
    readAgain('jobs')
    readAgain('usage')
  } else if (subject === 'asset') {
    readAgain('assets')
  } else if (subject === 'download') {
    readAgain('downloads')
  } else if (subject === 'library') {
    readAgain('library')
    readAgain('models')
  } else if (subject === 'worker') {
    readAgain('system')
  } else if (subject === 'session') {
    readAgain('sessions')
  }
}
