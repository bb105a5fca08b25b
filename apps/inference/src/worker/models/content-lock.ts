import { open, rm, stat, utimes } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const everyMs = 5_000
/** Whoever held it has died. */
const staleMs = 30_000
const pauseMs = 200

/**
 * A file that one process has: several workers of a node share one folder, and each content is fetched, or evicted, by
 * one of them at a time.
 */
export async function lockFile(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
  for (;;) {
    signal.throwIfAborted()
    if (await makeFile(path)) return held(path)
    const facts = await stat(path).catch(unlessAbsent)
    if (facts && facts.mtimeMs < Date.now() - staleMs) await rm(path, { force: true })
    else await delay(pauseMs, undefined, { signal })
  }
}

function held(path: string): AsyncDisposable {
  const timer = setInterval(() => {
    const now = new Date()
    // Gone: somebody took it for stale. What it guards is atomic anyway.
    utimes(path, now, now).catch(() => undefined)
  }, everyMs)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await rm(path, { force: true })
    },
  }
}

async function makeFile(path: string): Promise<boolean> {
  try {
    await using _made = await open(path, 'wx')
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    return false
  }
}

function unlessAbsent(cause: unknown): undefined {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
}
