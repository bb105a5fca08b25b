import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const changing = ['link', 'symlink', 'rename', 'unlink', 'rm', 'chmod', 'mkdir', 'open'] as const

export type FailingDisk = Disposable & {
  /** Changes that were begun. */
  readonly steps: number
  readonly struck: boolean
}

/**
 * The disk of this process fails at its n-th change (0 is the first). `once`: that one alone. `dead`: all that follow,
 * too, so that what is there then is what a process leaves that is killed there: it cleans up nothing.
 */
export function failDisk(at: number, how: 'once' | 'dead'): FailingDisk {
  const real = Object.fromEntries(changing.map((name) => [name, fs[name]]))
  let steps = 0
  const functions = fs as unknown as Record<string, unknown>
  for (const name of changing) {
    functions[name] = async (...given: unknown[]) => {
      const step = steps++
      if (how === 'once' ? step === at : step >= at) {
        throw Object.assign(new Error(`EIO: the disk fails at step ${step} (${name})`), { code: 'EIO' })
      }
      return await (real[name] as (...all: unknown[]) => Promise<unknown>)(...given)
    }
  }
  syncBuiltinESMExports()
  return {
    get steps() {
      return steps
    },
    get struck() {
      return steps > at
    },
    [Symbol.dispose]() {
      Object.assign(functions, real)
      syncBuiltinESMExports()
    },
  }
}
