import { expect, test } from 'vitest'
import { AppError } from './app-error.ts'

test('an unexpected error becomes internal and keeps its text to itself', () => {
  const error = AppError.from(new Error('password=hunter2'))

  expect(error.toWire()).toMatchObject({ code: 'internal', message: 'Internal error' })
  expect(JSON.stringify(error.toWire())).not.toContain('hunter2')
})

test('an error is the same on both ends of the wire', () => {
  const sent = new AppError('invalid', 'Wrong', {
    reason: 'BAD',
    faults: [{ path: 'a.b', message: 'too long' }],
  })

  const received = AppError.fromWire(JSON.parse(JSON.stringify(sent.toWire())))

  expect(received).toMatchObject({
    code: 'invalid',
    message: 'Wrong',
    extra: { reason: 'BAD', faults: sent.extra.faults },
  })
})

test('a reply that is no error of ours is an internal error', () => {
  expect(AppError.fromWire({ code: 'teapot' }).code).toBe('internal')
  expect(AppError.fromWire(null).code).toBe('internal')
})
