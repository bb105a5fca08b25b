import type { Random } from './random.ts'

export const faultKinds = {
  'kill worker': 9,
  'kill comfyui': 8,
  'kill control': 6,
  'kill gateway': 5,
  'kill gallery': 4,
  'kill catalog': 1,
  'kill downloader': 1,
  'pause worker': 5,
  'pause comfyui': 4,
  'pause control': 4,
  'pause gateway': 3,
  'pause gallery': 3,
  'restart worker': 2,
  'restart control': 2,
  'restart gateway': 2,
  'restart gallery': 1,
  'kill nats': 3,
  'pause nats': 2,
  'roll back nats': 2,
  'kill postgres': 2,
  'restart postgres': 2,
  'pause postgres': 1,
  'flush redis': 2,
  'kill redis': 2,
  'cut link': 9,
  'cut link one way': 7,
  'slow link': 4,
  'reset link': 6,
  'repeat messages': 6,
  'skew clock': 4,
  'fill disk': 4,
  'simulate oom': 3,
  'simulate crash': 3,
  'simulate hang': 2,
  'simulate drop-socket': 3,
  'simulate silent-socket': 3,
} as const

export type FaultKind = keyof typeof faultKinds

export type PlannedFault = {
  number: number
  kind: FaultKind
  /** Which of those it can strike: taken modulo their number. */
  target: number
  /** How long it lasts, where it is nothing of a moment. */
  holdMs: number
  /** From the fault before. */
  gapMs: number
  /** Whatever else is left to chance. */
  dice: number
}

export type PlanOptions = { faults: number; random: Random; meanGapMs: number; kinds?: readonly FaultKind[] }

/** All of it follows from the seed; only how fast the cluster answers does not. */
export function planFaults({ faults, random, meanGapMs, kinds }: PlanOptions): PlannedFault[] {
  const all = Object.entries(faultKinds).map(([kind, weight]) => ({ kind: kind as FaultKind, weight }))
  const choice = kinds ? all.filter(({ kind }) => kinds.includes(kind)) : all
  return Array.from({ length: faults }, (_, index) => ({
    number: index + 1,
    kind: random.weighted(choice).kind,
    target: random.integer(0, 1_000_000),
    // Most are over before anybody gives up; some outlast every lease.
    holdMs: random.chance(0.15) ? random.integer(5_000, 9_000) : random.integer(100, 2_500),
    gapMs: Math.round(-Math.log(1 - random.next()) * meanGapMs),
    dice: random.next(),
  }))
}
