import { expect, test } from 'vitest'
import { createMetrics } from './index.ts'

test('renders what was counted, under the name of the service', async () => {
  const metrics = createMetrics('test', { process: false })
  const jobs = metrics.counter('easel_jobs_total', 'Jobs.', ['state'])
  const depth = metrics.gauge('easel_depth', 'Depth.')
  const time = metrics.histogram('easel_time_seconds', 'Time.', { labels: ['route'], buckets: [0.1, 1] })

  jobs.inc({ state: 'done' })
  jobs.inc({ state: 'done' }, 2)
  depth.set({}, 7)
  time.observe({ route: '/a' }, 0.5)

  const text = await metrics.text()
  expect(text).toContain('easel_jobs_total{state="done",service="test"} 3')
  expect(text).toContain('easel_depth{service="test"} 7')
  expect(text).toContain('easel_time_seconds_bucket{le="1",service="test",route="/a"} 1')
  expect(metrics.contentType).toContain('text/plain')
})

test('hostile label values stay few, short and escaped', async () => {
  const metrics = createMetrics('test', { process: false, maxSeries: 10 })
  const counter = metrics.counter('easel_x_total', 'X.', ['path'])

  counter.inc({ path: 'a"\n} 1\neasel_fake 1' })
  counter.inc({ path: 'y'.repeat(10_000) })
  for (let index = 0; index < 1_000; index += 1) counter.inc({ path: `/${index}` })

  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('easel_'))
  expect(lines).toHaveLength(11)
  expect(lines.at(-1)).toBe('easel_x_total{path="other",service="test"} 992')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200)
})

test('a series seen before still counts when the limit is reached', async () => {
  const metrics = createMetrics('test', { process: false, maxSeries: 1 })
  const counter = metrics.counter('easel_x_total', 'X.', ['a'])

  for (const a of ['first', 'second', 'first']) counter.inc({ a })

  expect(await metrics.text()).toContain('easel_x_total{a="first",service="test"} 2')
})

test('two services in one process do not meet', async () => {
  const [a, b] = [createMetrics('a'), createMetrics('b', { process: false })]
  a.counter('easel_x_total', 'X.').inc()
  b.counter('easel_x_total', 'X.').inc({}, 2)

  expect(await a.text()).toContain('easel_x_total{service="a"} 1')
  expect(await a.text()).toContain('process_cpu_seconds_total')
  expect(await b.text()).not.toContain('process_cpu_seconds_total')
})
