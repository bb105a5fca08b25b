import type { ObjectInfo, SystemStats } from '@easel/comfyui'
import { expect, test } from 'vitest'
import { environmentOf, modulesOf } from './environment.ts'

const info: ObjectInfo = {
  KSampler: { python_module: 'nodes' },
  CheckpointLoaderSimple: {
    python_module: 'nodes',
    input: { required: { ckpt_name: [['a.safetensors']] } },
  },
}
const statsOf = (pytorch_version: string) =>
  ({
    system: { comfyui_version: '0.33.0', python_version: '3.13', pytorch_version, ram_free: 1 },
  }) as unknown as SystemStats

test('an environment is the same whatever order the nodes are told in and whatever models there are', () => {
  const later: ObjectInfo = {
    CheckpointLoaderSimple: {
      python_module: 'nodes',
      input: { required: { ckpt_name: [['a.safetensors', 'b.safetensors']] } },
    },
    KSampler: { python_module: 'nodes' },
  }
  expect(modulesOf(later)).toBe(modulesOf(info))
})

test('it is another one with another version or another pack', () => {
  const here = environmentOf(statsOf('2.9.1+cu128'), modulesOf(info))

  expect(here).toMatch(/^[0-9a-f]{64}$/)
  expect(environmentOf(statsOf('2.8.0'), modulesOf(info))).not.toBe(here)
  expect(
    environmentOf(
      statsOf('2.9.1+cu128'),
      modulesOf({ ...info, KSampler: { python_module: 'custom_nodes.x' } }),
    ),
  ).not.toBe(here)
})
