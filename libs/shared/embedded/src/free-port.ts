import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below what Linux and macOS give to outgoing connections and to servers that listen on 0. */
const lowest = 12_000
const highest = 32_000
const tries = 50

/**
 * A port of 127.0.0.1 that was free a moment ago. For servers that cannot choose one by themselves. It is one that
 * the system gives to nobody who did not ask for it, and one of thousands: another process hardly takes it in between.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const port = randomInt(lowest, highest)
    if (await isFree(port)) return port
  }
  throw new Error(`No free port between ${lowest} and ${highest} was found in ${tries} tries`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE' || cause.code === 'EACCES') resolve(false)
      else reject(cause)
    })
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

const ATTEMPTS = 4

/** Runs `start` on the given port, or on a free one, again on another when that was taken meanwhile. */
export async function onFreePort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  if (port !== 0) return start(port)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort())
    } catch (cause) {
      if (attempt === ATTEMPTS || !/address already in use/i.test(String(cause))) throw cause
    }
  }
}
