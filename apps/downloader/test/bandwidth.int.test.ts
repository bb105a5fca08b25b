import { setTimeout as delay } from 'node:timers/promises'
import { tcpProxy, testRedis, throughProxy, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import type { CapRules } from '../src/bandwidth/bandwidth-hours.ts'
import { ClusterBandwidth } from '../src/bandwidth/cluster-bandwidth.ts'
import { RedisBucket } from '../src/bandwidth/redis-bucket.ts'
import { silent } from './support/start-downloader.ts'

const grant = 64 * 1024

async function openReplicas(count: number, maxBytesPerSecond: number | null) {
  await using stack = new AsyncDisposableStack()
  const redis = stack.use(await testRedis())
  const proxy = stack.use(await tcpProxy({ target: redis.url }))
  const rules = (cap: number | null): CapRules => ({ maxBytesPerSecond: cap, schedule: [], timeZone: null })
  const replicas: ClusterBandwidth[] = []
  for (let at = 0; at < count; at++) {
    const url = throughProxy(redis.url, proxy)
    const bucket = await RedisBucket.open({ url, prefix: redis.prefix, log: silent })
    replicas.push(stack.use(new ClusterBandwidth({ bucket, log: silent })))
  }
  const owned = stack.move()
  const change = (cap: number | null) => {
    for (const replica of replicas) replica.keep(rules(cap), count)
  }
  change(maxBytesPerSecond)
  return { replicas, change, proxy, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Bytes that so many transfers on the replicas are granted in the time. */
async function run(replicas: readonly ClusterBandwidth[], transfers: number, ms: number): Promise<number> {
  const stop = AbortSignal.timeout(ms)
  let granted = 0
  const transfer = async (bandwidth: ClusterBandwidth) => {
    for (;;) {
      await bandwidth.take(grant, stop)
      granted += grant
      await delay(0)
    }
  }
  const all = Array.from({ length: transfers }, (_, at) => transfer(replicas[at % replicas.length]!))
  await Promise.allSettled(all)
  return granted
}

test.each([1, 2, 16])(
  '%i transfers on two replicas take what the cap allows together',
  { timeout: 30_000 },
  async (transfers) => {
    const cap = 8 * 1024 * 1024
    await using cluster = await openReplicas(2, cap)

    const begun = performance.now()
    const granted = await run(cluster.replicas, transfers, 4_000)
    const share = granted / (cap * ((performance.now() - begun) / 1_000))

    expect(share).toBeLessThan(1.05)
    expect(share).toBeGreaterThan(0.8)
  },
)

test('no replica takes the share of another', { timeout: 30_000 }, async () => {
  await using cluster = await openReplicas(2, 4 * 1024 * 1024)

  const shares = await Promise.all(cluster.replicas.map((replica) => run([replica], 4, 3_000)))

  expect(Math.min(...shares) / Math.max(...shares)).toBeGreaterThan(0.6)
})

test(
  'another cap holds within a second, and without one there is no waiting',
  { timeout: 30_000 },
  async () => {
    await using cluster = await openReplicas(2, 10 * 1024)
    const [replica] = cluster.replicas
    const { change } = cluster
    const first = replica!.take(1024 * 1024)

    const begun = performance.now()
    change(50 * 1024 * 1024)
    await first
    expect(performance.now() - begun).toBeLessThan(1_500)

    change(10 * 1024)
    await waitFor(async () => (await run(cluster.replicas, 2, 200)) <= grant)
    const waiting = replica!.take(10 * 1024 * 1024)
    change(null)
    await waiting
    expect(replica!.limited).toBe(false)
  },
)

test('a transfer that ends leaves the queue to the others', async () => {
  await using cluster = await openReplicas(1, 100 * 1024)
  const [replica] = cluster.replicas
  const stop = new AbortController()
  const huge = replica!.take(1e9, stop.signal)
  const small = replica!.take(1_000)

  stop.abort(new Error('canceled'))

  await expect(huge).rejects.toThrow('canceled')
  await expect(small).resolves.toBeUndefined()
  await expect(replica!.take(1_000, stop.signal)).rejects.toThrow('canceled')
})

test('without Redis each replica keeps to its share, and never stops', { timeout: 30_000 }, async () => {
  const cap = 4 * 1024 * 1024
  await using cluster = await openReplicas(2, cap)
  cluster.proxy.set({ refuse: true })
  cluster.proxy.reset()

  await run(cluster.replicas, 4, 1_500)
  const begun = performance.now()
  const granted = await run(cluster.replicas, 4, 3_000)
  const share = granted / (cap * ((performance.now() - begun) / 1_000))

  expect(share).toBeLessThan(1.1)
  expect(share).toBeGreaterThan(0.6)
})
