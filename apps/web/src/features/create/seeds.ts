import type { Draft } from './draft.ts'

type Seeds = Pick<Draft, 'seeds' | 'locked'>

export const isLocked = ({ seeds, locked }: Seeds, key: string): boolean =>
  seeds === 'keep' || locked.includes(key)

export const lock = ({ seeds, locked }: Seeds, key: string): Seeds => ({
  seeds,
  locked: [...new Set([...locked, key])],
})

/** Where all stay as set, the others go on staying. */
export const unlock = ({ seeds, locked }: Seeds, key: string, all: readonly string[]): Seeds =>
  seeds === 'keep'
    ? { seeds: 'random', locked: all.filter((each) => each !== key) }
    : { seeds, locked: locked.filter((each) => each !== key) }
