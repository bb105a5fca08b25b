import { availableParallelism } from 'node:os'
import { zipfWeights } from './random.ts'
import type { VirtualModel } from './virtual-models.ts'

/**
 * Processor time of one job in the whole chain (gateway, control, worker, simulator, gallery, servers and the load
 * itself), and what each sampler step adds. Measured on two busy cores, see docs/cluster.md; machines differ.
 */
const jobSeconds = 0.03
const stepSeconds = 0.0005
/** Of the processors; above it, waiting for them begins to look like waiting for GPUs. */
const honestShare = 0.5

export type Compression = {
  models: readonly VirtualModel[]
  zipf: number
  workers: number
  speeds: readonly number[]
  timeScale: number
}

/**
 * A warning when so much virtual time goes into a real second that this machine would itself be the bottleneck:
 * with every GPU busy with warm runs, which is the most that can happen.
 */
export function tooCompressed(compression: Compression, cores = availableParallelism()): string | undefined {
  const { timeScale } = compression
  const honest = honestScale(compression, cores)
  if (timeScale >= honest) return undefined
  return (
    `At --time-scale ${timeScale} the simulated GPUs can ask for more than half of the ${cores} processors, and the ` +
    `figures will tell of this machine as well. Honest from about ${honest.toPrecision(2)}.`
  )
}

/** The least time scale at which the chain's own work stays below half of the processors. */
export function honestScale({ models, zipf, workers, speeds }: Compression, cores: number): number {
  const weights = zipfWeights(models.length, zipf)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = (value: (model: VirtualModel) => number) =>
    models.reduce((sum, model, index) => sum + value(model) * weights[index]!, 0) / total
  const speed = speeds.reduce((sum, each) => sum + each, 0) / speeds.length
  const runSeconds = mean(({ runSeconds: seconds }) => seconds) / speed
  const work = jobSeconds + stepSeconds * mean(({ steps }) => steps)
  return (workers * work) / (runSeconds * honestShare * cores)
}
