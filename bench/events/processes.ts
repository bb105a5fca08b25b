import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@easel/embedded'
import type { ChildProcess } from 'node:child_process'
import type { Servers } from '@easel/embedded'

export const apiKey = `esl_${'bench'.repeat(8)}`

/** Where sockets are opened, and the process behind it. */
export type Target = AsyncDisposable & {
  readonly port: number
  readonly path: string
  readonly pid: number
  kill(): Promise<void>
}

export async function startGateway({ urls }: Servers, blobs: string, port?: number): Promise<Target> {
  const listen = port ?? (await freePort())
  const child = spawn(process.execPath, ['apps/gateway/dist/main.js'], {
    env: {
      PATH: process.env.PATH,
      EASEL_DATABASE_URL: urls.postgres,
      EASEL_NATS_URL: urls.nats,
      EASEL_REDIS_URL: urls.redis,
      EASEL_BLOBS: `file:${blobs}`,
      EASEL_SECRET: randomBytes(32).toString('hex'),
      EASEL_PORT: String(listen),
      EASEL_HOST: '127.0.0.1',
      EASEL_ADMIN_EMAIL: 'admin@easel.test',
      EASEL_ADMIN_PASSWORD: 'a long pass phrase for benches',
      EASEL_BOOTSTRAP_API_KEY: apiKey,
      EASEL_CALLS_PER_MINUTE: '0',
      EASEL_SOCKETS_PER_USER: '0',
      EASEL_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  for (const deadline = performance.now() + 60_000; ; await delay(20)) {
    const ok = await fetch(`http://127.0.0.1:${listen}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ok) break
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('The gateway did not start')
  }
  return target(child, listen, '/api/events')
}

export async function startBare({ urls }: Servers, spaceId: string): Promise<Target> {
  const child = spawn(
    process.execPath,
    ['--conditions=@easel/source', 'bench/events/bare-fanout.ts', urls.nats, spaceId],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return target(child, (JSON.parse(line.toString()) as { port: number }).port, '/')
}

/** Resident memory, in bytes. */
export async function memoryOf({ pid }: Target): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1_024
}

function target(child: ChildProcess, port: number, path: string): Target {
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    port,
    path,
    pid: child.pid!,
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  }
}
