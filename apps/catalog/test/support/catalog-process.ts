import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { spawn } from 'node:child_process'

/** A catalog in a process of its own, to be killed. Resolves when it serves. */
export async function startCatalogProcess(env: Readonly<Record<string, string | undefined>>) {
  const script = fileURLToPath(new URL('catalog-process.main.mjs', import.meta.url))
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH, ...env, EASEL_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const ended = once(child, 'exit')
  return {
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
