import type { GraphNeeds } from '@easel/comfyui'

/**
 * Under what the cost of a graph is learned, from the nearest to the farthest: graphs of the same signature by the
 * run, those of the same kind and those with the same model by the unit of work.
 */
export type LearnedUnder = { exact: string; coarse: string; model: string | null; units: number }

/** A graph that says it makes nothing. */
const minUnits = 1e-3

/** As it is kept with a job: exact signature, coarse signature, units of work. */
export const writeSignature = ({ signature, coarse, work }: GraphNeeds): string =>
  [signature, coarse, Math.max(minUnits, work.units)].join(' ')

/** Undefined for what is none: of jobs of an earlier release. */
export function readSignature(text: string | null, models: readonly string[]): LearnedUnder | undefined {
  const [exact, coarse, units] = (text ?? '').split(' ')
  const number = Number(units)
  if (!exact || !coarse || !Number.isFinite(number) || number <= 0) return undefined
  const [main] = models
  return {
    exact: `exact:${exact}`,
    coarse: `coarse:${coarse}`,
    model: main === undefined ? null : `model:${main}`,
    units: number,
  }
}
