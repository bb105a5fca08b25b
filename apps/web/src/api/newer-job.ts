import { isEnded } from '@easel/client'
import type { JobView } from '@easel/client'

const ranks: Record<JobView['status'], number> = {
  queued: 0,
  running: 1,
  canceling: 2,
  succeeded: 3,
  failed: 3,
  canceled: 3,
  expired: 3,
}

/**
 * What is known of a job after hearing of it again: answers and events overtake each other, so that what comes later
 * may be older. A job ends once; an attempt more is newer, be it that it waits again.
 */
export function newerJob(known: JobView, heard: JobView): JobView {
  if (isEnded(known)) return isEnded(heard) ? heard : known
  if (isEnded(heard)) return heard
  if (known.attempts.length !== heard.attempts.length) {
    return known.attempts.length > heard.attempts.length ? known : heard
  }
  const isOlder =
    ranks[heard.status] < ranks[known.status] && !(known.attempts.length > 0 && heard.status === 'queued')
  if (isOlder) return known
  // A list may know less of how far it is than the progress that was told.
  const progress = heard.status === known.status ? further(known.progress, heard.progress) : heard.progress
  return progress === heard.progress ? heard : { ...heard, ...(progress && { progress }) }
}

function further(known: JobView['progress'], heard: JobView['progress']): JobView['progress'] {
  return known && (!heard || known.value > heard.value) ? known : heard
}
