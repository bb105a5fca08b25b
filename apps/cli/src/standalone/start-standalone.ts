import { spawn } from 'node:child_process'
import { access } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Context } from '../commands/context.ts'
import { exitCodes, usageError, type ExitCode } from '../exit-codes.ts'

const repository = fileURLToPath(new URL('../../../../', import.meta.url))

/** Its exit code is ours. The terminal sends Ctrl-C to both; only it has something to stop. */
export async function startStandalone({ config }: Context): Promise<ExitCode> {
  await access(`${repository}/apps/standalone`).catch(() => {
    throw usageError('`easel up` starts what lies in a checkout of Easel, and this is none')
  })
  const [command, ...leading] = config.pnpm ?? ['npx', '-y', 'pnpm@12']
  const child = spawn(command!, [...leading, 'start'], { cwd: repository, stdio: 'inherit' })
  const wait = () => undefined
  const forward = () => child.kill('SIGTERM')
  process.on('SIGINT', wait).on('SIGTERM', forward)
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', reject)
  child.once('exit', (code, signal) =>
    resolve(code ?? (signal === 'SIGINT' ? exitCodes.canceled : exitCodes.failed)),
  )
  try {
    return (await promise) as ExitCode
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', forward)
  }
}
