import { readdirSync, readFileSync } from 'node:fs'
import { waitFor } from '@easel/testing'
import type { Cluster } from './cluster.ts'
import type { LoopDisk } from './loop-disk.ts'

/**
 * All stand still, the disk is copied as it is, all die; then everything starts again over the copy. What was only
 * in memory, the kernel's included, is lost to all of them at one moment.
 */
export async function cutPower({ servers, members }: Cluster, disk: LoopDisk): Promise<void> {
  const { postgres, nats, redis } = servers
  const pids = [postgres, nats, redis].flatMap((server) => [server.pid, ...childrenOf(server.pid)])
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  for (const member of members) member.signal('SIGSTOP')
  await disk.copy()

  await Promise.all(members.map((member) => member.halt()))
  for (const pid of pids) killIfAlive(pid)
  await waitFor(() => pids.every((pid) => !isAlive(pid)), { describe: 'the end of all servers' })
  await disk.swap()

  await Promise.all([postgres.start(), nats.start(), redis.start()])
  for (const member of members) member.start()
}

/** Each backend of Postgres is the leader of a session of its own: a signal to the group would miss it. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((id) => Number.isInteger(id) && id > 0 && parentOf(id) === pid)
}

function parentOf(pid: number): number | undefined {
  return Number(/^PPid:\s*(\d+)$/m.exec(statusOf(pid))?.[1])
}

function isAlive(pid: number): boolean {
  const status = statusOf(pid)
  return status !== '' && !/^State:\s*[ZX]/m.test(status)
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return '' // it is gone
  }
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended between the two.
  }
}
