import { expect, test } from 'vitest'
import { loadWorkerConfig } from './worker-config.ts'

const env = {
  EASEL_COMFYUI_URLS: 'http://gpu-1:8188, http://user:k7Qxpine@gpu-2:8188',
  EASEL_NATS_URL: 'nats://127.0.0.1:4222',
  EASEL_BLOBS: 'file:/var/lib/easel/blobs',
}

test('each ComfyUI gets a worker whose id stays the same', () => {
  const first = loadWorkerConfig(env, 'host.example')
  const again = loadWorkerConfig(env, 'host.example')

  expect(first.map(({ id }) => id)).toEqual(again.map(({ id }) => id))
  expect(first.map(({ id }) => id)).toEqual([
    expect.stringMatching(/^host-example-[0-9a-f]{8}$/),
    expect.stringMatching(/^host-example-[0-9a-f]{8}$/),
  ])
  expect(first[0]!.id).not.toBe(first[1]!.id)
  expect(first[1]!.comfyUrl.reveal()).toBe('http://user:k7Qxpine@gpu-2:8188')
  expect(JSON.stringify(first)).not.toContain('k7Qxpine')
})

test('a name that is set is used, with a number when there are several', () => {
  const one = loadWorkerConfig({ ...env, EASEL_COMFYUI_URLS: 'http://a:1', EASEL_WORKER_ID: 'alpha' })
  const two = loadWorkerConfig({ ...env, EASEL_WORKER_ID: 'alpha' })

  expect(one.map(({ id }) => id)).toEqual(['alpha'])
  expect(two.map(({ id }) => id)).toEqual(['alpha-1', 'alpha-2'])
})

test('every fault is told at once', () => {
  const load = () =>
    loadWorkerConfig({
      ...env,
      EASEL_COMFYUI_URLS: 'ftp://a',
      EASEL_WORKER_ID: 'a b',
      EASEL_WORKER_RUN_SLOTS: '0',
    })

  expect(load).toThrow(/EASEL_COMFYUI_URLS[\s\S]*EASEL_WORKER_ID[\s\S]*EASEL_WORKER_RUN_SLOTS/)
})
