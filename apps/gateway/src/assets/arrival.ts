import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '@easel/protocol'

/** Version 5: made of a job's id and the index of an output, so that it is known before the asset is there. */
const ofOutput = /^[0-9a-f]{8}-[0-9a-f]{4}-5/i
const pausesMs = [20, 40, 80, 160, 300, 500]

/**
 * The job that has ended names its assets; the gallery hears of them a moment later. Who asks in between waits for
 * that moment, and who asks for what is not there waits as long: nobody learns more from it.
 */
export async function whenArrived<T>(id: string, ask: () => Promise<T>): Promise<T> {
  for (const pauseMs of ofOutput.test(id) ? pausesMs : []) {
    try {
      return await ask()
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.code !== 'not_found') throw cause
    }
    await delay(pauseMs)
  }
  return ask()
}
