import type { Graph } from '@easel/comfyui'
import type { Fault } from '@easel/protocol'

/** An input of the graph that wants the bytes of an asset. */
export type AssetInput = { nodeId: string; input: string; assetId: string }

const pattern = /^asset:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

export function checkAssetNames(inputs: Readonly<Record<string, unknown>>): Fault[] {
  return Object.entries(inputs)
    .filter(([, value]) => typeof value !== 'string' || !pattern.test(value))
    .map(([key]) => ({ path: `inputs.${key}`, message: 'An input is asset:<id of an asset>' }))
}

/** Wherever they stand: set by `inputs`, by an override, or in the graph itself. */
export function assetInputsOf(graph: Graph): AssetInput[] {
  return Object.entries(graph).flatMap(([nodeId, node]) =>
    Object.entries(node.inputs).flatMap(([input, value]) => {
      const assetId = typeof value === 'string' ? pattern.exec(value)?.[1] : undefined
      return assetId === undefined ? [] : [{ nodeId, input, assetId: assetId.toLowerCase() }]
    }),
  )
}
