import { usageError } from '../exit-codes.ts'

const seedRange = 2n ** 64n
type Graph = Readonly<Record<string, unknown>>

/** Inputs of a graph that hold a seed, as ComfyUI names them, unless another node gives it. */
export function seedsOf(graph: Graph): [key: string, seed: bigint][] {
  return Object.entries(graph).flatMap(([id, node]) => {
    const inputs = (node as { inputs?: Readonly<Record<string, unknown>> } | null)?.inputs ?? {}
    return Object.entries(inputs).flatMap(([name, value]): [string, bigint][] => {
      const seed = /(^|[._])(noise_)?seed$/.test(name) ? wholeOf(value) : undefined
      return seed === undefined ? [] : [[`${id}.${name}`, seed]]
    })
  })
}

/**
 * Overrides for each of `count` runs: every seed counted up by one from run to run. One that is set on the
 * command line counts up from there.
 */
export function countSeeds(
  seeds: readonly (readonly [string, bigint])[],
  overrides: Readonly<Record<string, unknown>>,
  count: number,
): Record<string, unknown>[] {
  if (count === 1) return [{ ...overrides }]
  if (seeds.length === 0) {
    throw usageError('-n counts up the seeds, and this workflow has none: every picture would be the same')
  }
  return Array.from({ length: count }, (_, run) => {
    const counted = seeds.flatMap(([key, own]): [string, unknown][] => {
      const base = Object.hasOwn(overrides, key) ? wholeOf(overrides[key]) : own
      return base === undefined ? [] : [[key, numberOf((base + BigInt(run)) % seedRange)]]
    })
    return { ...overrides, ...Object.fromEntries(counted) }
  })
}

function wholeOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined
}

function numberOf(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}
