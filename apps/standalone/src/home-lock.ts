import { AppError } from '@easel/protocol'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * One Easel per home: two would share a data directory. The lock is a file with the holder's process id; one
 * whose holder is dead (a crash, a power cut) is taken over.
 */
export async function lockHome(home: string): Promise<AsyncDisposable> {
  const path = join(home, 'easel.pid')
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = await open(path, 'wx', 0o644)
      await file.writeFile(`${process.pid}\n`)
      await file.close()
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
      const holder = await readHolder(path)
      if (await isEasel(holder)) {
        throw new AppError(
          'conflict',
          `Easel already runs in ${home} (process ${holder}). Stop it, or set EASEL_HOME.`,
          {
            reason: 'HOME_IN_USE',
          },
        )
      }
      await rm(path, { force: true })
    }
  }
  throw new AppError('conflict', `Another Easel is starting in ${home}`, { reason: 'HOME_IN_USE' })
}

/** Between making the file and writing into it, its holder is a process that starts right now: it gets a moment. */
async function readHolder(path: string): Promise<number> {
  let text = ''
  for (let look = 0; text === '' && look < 20; look++) {
    if (look > 0) await delay(10)
    text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return 'gone'
      throw cause
    })
  }
  return Number.parseInt(text, 10)
}

/** A process id is given to another program sooner or later: look what it runs, where that can be seen. */
async function isEasel(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'standalone')
  return command.includes('standalone')
}
