import { createHash } from 'node:crypto'
import type { ObjectInfo, SystemStats } from '@easel/comfyui'

/**
 * Digest of what decides over results beside the graph: the versions of ComfyUI, Python and PyTorch, and which node
 * classes there are and where they come from. It stays the same over restarts, and with model files that come and go.
 */
export function environmentOf(stats: SystemStats, modules: string): string {
  const { comfyui_version, python_version, pytorch_version } = stats.system
  return digestOf([comfyui_version ?? null, python_version ?? null, pytorch_version ?? null, modules])
}

/** The part of it that is read with the node definitions. */
export function modulesOf(objectInfo: ObjectInfo): string {
  const classes = Object.entries(objectInfo).map(([name, info]) => `${name} ${info?.python_module ?? ''}`)
  return digestOf(classes.toSorted())
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')
