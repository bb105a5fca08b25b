import { tempDirectory } from '@easel/testing'
import { join } from 'node:path'
import { freePort } from '@easel/embedded'
import { ready, startProgram } from './program.ts'
import type { Program } from './program.ts'

export const bootstrapKey = `esl_${'0123456789abcdef'.repeat(2)}`

export type Standalone = AsyncDisposable & {
  url: string
  home: string
  program: Program
  env: Record<string, string>
}

/** The program that `pnpm start` runs, in a folder of its own. */
export async function startStandalone(extra: Record<string, string> = {}): Promise<Standalone> {
  const folder = await tempDirectory()
  const port = await freePort()
  // Another build of the page than the one of this checkout can be tried.
  const page = process.env.EASEL_WEB_DIRECTORY
  const env = {
    ...(page !== undefined && { EASEL_WEB_DIRECTORY: page }),
    EASEL_HOME: join(folder.path, 'home'),
    EASEL_PORT: String(port),
    EASEL_BOOTSTRAP_API_KEY: bootstrapKey,
    EASEL_ADMIN_PASSWORD: 'a long pass phrase for tests',
    ...extra,
  }
  const program = startProgram('apps/standalone/dist/main.js', env)
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    await program[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  }
  await ready(program, url).catch(async (cause: unknown) => {
    await stop()
    throw cause
  })
  return { url, home: env.EASEL_HOME, program, env, [Symbol.asyncDispose]: stop }
}
