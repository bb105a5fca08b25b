import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export type EaselProcess = AsyncDisposable & { url: string; apiKey: string; readyMs: number; pid: number }

/** A fresh standalone Easel in a folder of its own, on a free port, in front of the ComfyUI at `comfyUrl`. */
export async function startEasel(comfyUrl: string): Promise<EaselProcess> {
  const home = await mkdtemp(join(tmpdir(), 'easel-bench-'))
  const port = await freePort()
  const apiKey = `esl_${'bench'.repeat(8)}`
  const startedAt = performance.now()
  const child = spawn(process.execPath, ['apps/standalone/dist/main.js'], {
    env: {
      ...process.env,
      EASEL_HOME: home,
      EASEL_PORT: String(port),
      EASEL_BOOTSTRAP_API_KEY: apiKey,
      EASEL_COMFYUI_URLS: comfyUrl,
      EASEL_LOG_LEVEL: 'error',
      EASEL_RATE_LIMIT: '0',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    await rm(home, { recursive: true, force: true })
  }
  try {
    await ready(url, child)
  } catch (cause) {
    await stop()
    throw cause
  }
  return { url, apiKey, pid: child.pid!, readyMs: performance.now() - startedAt, [Symbol.asyncDispose]: stop }
}

async function ready(url: string, child: { exitCode: number | null }): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await delay(50)) {
    if (child.exitCode !== null) throw new Error(`Easel ended with code ${child.exitCode}`)
    const ok = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ok) return
  }
  throw new Error('Easel was not ready within a minute')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
