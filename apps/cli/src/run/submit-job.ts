import { newId } from '@easel/protocol'
import type { Easel, JobView, SubmitJob } from '@easel/client'
import { setTimeout as delay } from 'node:timers/promises'
import { isTransient, wasSent } from './transient.ts'

const tries = 4
const firstPauseMs = 300

/** Submits once, however often it has to ask: the key makes a repeat give the first answer. */
export async function submitJob(api: Easel, job: SubmitJob): Promise<JobView> {
  const idempotencyKey = newId()
  for (let attempt = 1; ; attempt++) {
    try {
      return await api.jobs.submit(job, { idempotencyKey })
    } catch (cause) {
      // Who has never been reached will hardly be there in a second, and the person wants to know.
      if (attempt === tries || !isTransient(cause) || !wasSent(cause)) throw cause
    }
    await delay(firstPauseMs * 2 ** (attempt - 1))
  }
}
