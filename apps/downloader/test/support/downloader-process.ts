import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A downloader in a process of its own, to be killed. Resolves when it serves. */
export async function startDownloaderProcess(env: Readonly<Record<string, string | undefined>>) {
  const script = fileURLToPath(new URL('downloader-process.main.mjs', import.meta.url))
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH, ...env, EASEL_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return {
    kill,
    /** As a machine does that swaps, or a container that is paused. */
    freeze: () => child.kill('SIGSTOP'),
    wake: () => child.kill('SIGCONT'),
    [Symbol.asyncDispose]: kill,
  }
}
