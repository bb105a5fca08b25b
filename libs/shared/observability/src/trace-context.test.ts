import { expect, test } from 'vitest'
import { currentTrace, injectTrace, recordSpan, runWithTrace, traced, withSpan } from './index.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${traceId}-b7ad6b7169203331-01`

test('there is no trace outside of a call', () => {
  expect(currentTrace()).toBeUndefined()
  expect(injectTrace().traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
})

test('a trace travels from headers through awaits to headers', async () => {
  const sent = await runWithTrace({ traceparent, tracestate: 'a=1' }, async () => {
    await new Promise((done) => setImmediate(done))
    return withSpan('inner', {}, async () => injectTrace())
  })

  expect(sent).toEqual({ traceparent, tracestate: 'a=1' })
})

test('while nobody collects traces no span is made, nor what would be in it', async () => {
  const asked: string[] = []
  const attributes = () => ({ asked: String(asked.push('attributes')) })

  const span = await runWithTrace({ traceparent }, () =>
    traced('work', { attributes }, async (given) => given),
  )
  recordSpan('past', { headers: { traceparent }, startedAt: new Date(), attributes })

  expect(span).toBeUndefined()
  expect(asked).toEqual([])
})

test('a call without a trace gets one, and keeps it', async () => {
  const [first, second] = await runWithTrace({}, async () => [
    currentTrace(),
    await runWithTrace({}, async () => currentTrace()),
  ])

  expect(first?.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(second).toEqual(first)
})

test('calls at the same time do not mix their traces', async () => {
  const ids = await Promise.all(
    Array.from({ length: 50 }, () =>
      runWithTrace({}, async () => {
        const before = currentTrace()
        await new Promise((done) => setImmediate(done))
        return before?.traceId === currentTrace()?.traceId ? before?.traceId : 'mixed'
      }),
    ),
  )

  expect(new Set(ids).size).toBe(50)
  expect(ids).not.toContain('mixed')
})

test('headers of another trace win over the present one', () => {
  const inner = runWithTrace({}, () => runWithTrace({ traceparent }, currentTrace))

  expect(inner?.traceId).toBe(traceId)
})

test.each([
  '',
  'nonsense',
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `ff-${traceId}-b7ad6b7169203331-01`,
  `${traceparent}-more`,
  traceparent.toUpperCase(),
  `${traceparent}\r\nx: y`,
])('a traceparent of %o is not believed', (bad) => {
  const trace = runWithTrace({ traceparent: bad }, currentTrace)

  expect(trace?.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(trace?.traceId).not.toBe(traceId)
})

test('a later version of the header is understood', () => {
  expect(runWithTrace({ traceparent: `01-${traceId}-b7ad6b7169203331-01-more` }, currentTrace)?.traceId).toBe(
    traceId,
  )
})

test('a span gives the result on, and the error', async () => {
  const failure = new Error('boom')

  await expect(withSpan('a', { b: 1 }, async () => currentTrace()?.traceId)).resolves.toMatch(
    /^[0-9a-f]{32}$/,
  )
  await expect(withSpan('a', {}, () => Promise.reject(failure))).rejects.toBe(failure)
})
