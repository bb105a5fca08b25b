import { readFileSync, readlinkSync } from 'node:fs'

/** A process of one machine, as those that come after it can tell whether it is gone. */
export type Holder = { boot: string; namespace: string; pid: number; started: string }

/** This process. */
export function holderHere(boot: string): Holder {
  return { boot, namespace: namespaceHere(), pid: process.pid, started: startOf('self') ?? '' }
}

/**
 * Surely: a process that is frozen lives, and one that cannot be seen from here (of another container or machine) is
 * taken to live.
 */
export function isGone(holder: Holder, boot: string): boolean {
  if (holder.boot !== boot || holder.namespace !== namespaceHere()) return false
  try {
    process.kill(holder.pid, 0)
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const started = startOf(holder.pid)
  return started !== undefined && holder.started !== '' && started !== holder.started
}

function namespaceHere(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    // Where there are no containers.
    return ''
  }
}

/** In ticks since the boot: ids are given anew, with another start. */
function startOf(pid: number | 'self'): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program comes before it, in parentheses, and may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
