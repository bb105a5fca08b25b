import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { zipfWeights } from './random.ts'
import type { Workload } from './load.ts'
import type { Graph } from './virtual-models.ts'

/** Graphs in API format, the first the most popular; inputs named like seeds are drawn anew for each job. */
export async function workloadsOf(files: readonly string[], zipf: number): Promise<Workload[]> {
  if (files.length === 0) return [{ name: 'square', weight: 1, graph: square }]
  const weights = zipfWeights(files.length, zipf)
  return Promise.all(
    files.map(async (file, index) => {
      const graph = JSON.parse(await readFile(file, 'utf8')) as Graph
      const isGraph = (node: unknown) => typeof node === 'object' && node !== null && 'class_type' in node
      if (typeof graph !== 'object' || graph === null || !Object.values(graph).every(isGraph))
        throw new Error(`${file} is no graph in API format`)
      return { name: basename(file), weight: weights[index]!, graph: (seed: number) => seeded(graph, seed) }
    }),
  )
}

/** Needs no model. Each has a colour of its own: nothing is found in a cache. */
function square(seed: number): Graph {
  return {
    '1': {
      class_type: 'EmptyImage',
      inputs: { width: 64, height: 64, batch_size: 1, color: seed % 0xffffff },
    },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'cluster' } },
  }
}

const seedNames = ['seed', 'noise_seed']

export function seeded(graph: Graph, seed: number): Graph {
  const copy = structuredClone(graph)
  for (const { inputs } of Object.values(copy)) {
    for (const name of seedNames) if (typeof inputs[name] === 'number') inputs[name] = seed
  }
  return copy
}
