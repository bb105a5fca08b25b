import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { waitFor } from '@easel/testing'
import type { ChildProcess } from 'node:child_process'

export type Program = AsyncDisposable & {
  readonly process: ChildProcess
  /** All that it has written so far, both streams. */
  readonly output: string
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  kill(): Promise<void>
}

/** Runs a built program of this repository: `pnpm test` builds before it tests. */
export function startProgram(entry: string, env: Record<string, string>): Program {
  const path = new URL(`../../${entry}`, import.meta.url).pathname
  // As the images start it; it does nothing unless the settings name a collector.
  const telemetry = path.replace(/main\.js$/, 'telemetry.js')
  const imports = telemetry !== path && existsSync(telemetry) ? ['--import', telemetry] : []
  const child = spawn(process.execPath, [...imports, path], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    process: child,
    get output() {
      return output
    },
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 30_000)
      await ended
      clearTimeout(late)
    },
  }
}

/** Waits for `/readyz`; an early end of the program fails at once with what it said. */
export async function ready(program: Program, url: string, timeoutMs = 60_000): Promise<void> {
  await waitFor(
    async () => {
      if (program.process.exitCode !== null) return 'ended'
      const answer = await fetch(`${url}/readyz`)
      return answer.ok && 'ready'
    },
    { timeoutMs, describe: `${url}/readyz` },
  ).catch((cause: unknown) => {
    throw new Error(`It did not get ready.\n${program.output}`, { cause })
  })
  if (program.process.exitCode !== null) throw new Error(`It ended before it was ready.\n${program.output}`)
}
