import { expect, test } from 'vitest'
import { bounded } from './bounded.ts'
import { plainText } from './plain-text.ts'
import type { AttemptEnded, JobOutput } from '@easel/contracts'

function anOutput(text: string | null): JobOutput {
  return {
    index: 0,
    assetId: '',
    kind: 'text',
    mime: 'text/plain',
    node: '1',
    key: 'text',
    bytes: 1,
    hash: `blake3:${'0'.repeat(64)}`,
    text,
    temporary: false,
    url: '',
  }
}

function anEnd(changes: Partial<AttemptEnded> = {}): AttemptEnded {
  return {
    jobId: '',
    attempt: 1,
    worker: 'w',
    result: 'failed',
    outputs: [],
    warnings: [],
    timings: {},
    usage: { gpuSeconds: 0, costMicros: 0 },
    retryable: false,
    endedAt: '',
    ...changes,
  }
}

test('texts beyond what a message holds are left to the asset', () => {
  const outputs = [anOutput('short'), anOutput('x'.repeat(70_000)), anOutput(null)]

  expect(bounded(anEnd({ outputs })).outputs.map(({ text }) => text)).toEqual(['short', null, null])
})

test('of a long traceback the last lines stay', () => {
  const traceback = Array.from({ length: 100 }, (_, index) => `${index} `.padEnd(400, '.'))

  const { error } = bounded(anEnd({ error: { code: 'NODE_FAILED', message: 'm'.repeat(10_000), traceback } }))

  expect(error?.traceback?.at(-1)).toMatch(/^99 /)
  expect(error?.traceback?.length).toBe(40)
  expect(error?.message.length).toBeLessThan(4_100)
})

test('what a database refuses in a text is replaced, and nothing else', () => {
  const value = { a: 'x\0y', b: ['\uD800'], c: 'as it was', n: 1, none: null }

  expect(plainText(value)).toEqual({ a: 'x\uFFFDy', b: ['\uFFFD'], c: 'as it was', n: 1, none: null })
})

test('a text that only looks like an escape stays as it is', () => {
  const value = { a: String.raw`C:\u0000` }

  expect(plainText(value)).toEqual(value)
})

test('an attempt cannot say more of its errors than its share of a message', () => {
  const fault = { path: 'p'.repeat(100_000), message: '\u0001'.repeat(100_000) }
  const faults = Array.from({ length: 1_000 }, () => fault)
  const error = { code: 'X'.repeat(10_000), message: '\u0001'.repeat(8_000), nodeErrors: faults }

  const told = bounded(anEnd({ error, warnings: faults }))

  expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(48 * 1024)
})

test('outputs without a place in the store are left out, and the job says so', () => {
  const outputs = ['sha256:00', '../../etc/passwd'].map((hash) => ({ ...anOutput(null), hash }))

  const told = bounded(anEnd({ outputs: [...outputs, { ...anOutput(null), bytes: -1 }, anOutput('kept')] }))

  expect(told.outputs.map(({ text }) => text)).toEqual(['kept'])
  expect(told.warnings[0]?.message).toContain('3 outputs were left out')
})

test('no worker gives time or money back', () => {
  const { usage } = bounded(anEnd({ usage: { gpuSeconds: -1e9, costMicros: -5 } }))

  expect(usage).toEqual({ gpuSeconds: 0, costMicros: 0 })
})

test('nor does a clock that was set to another year spend a budget for ever', () => {
  const { usage } = bounded(anEnd({ usage: { gpuSeconds: 1.8e9, costMicros: 9e15 } }))

  expect(usage).toEqual({ gpuSeconds: 0, costMicros: 0 })
})
