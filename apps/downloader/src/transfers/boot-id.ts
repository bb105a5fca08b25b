import { readFileSync } from 'node:fs'
import { hostname, uptime } from 'node:os'

/**
 * One boot of one machine. While it lasts, what a killed process wrote is in the machine's memory if not on its
 * disk, and can be relied on; after it, only what was synced can.
 */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    const minute = Math.round((Date.now() / 1_000 - uptime()) / 60)
    return `${hostname()}:${minute}`
  }
}
