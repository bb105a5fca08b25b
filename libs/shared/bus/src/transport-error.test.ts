import { AppError } from '@easel/protocol'
import { errors } from '@nats-io/nats-core'
import { expect, test } from 'vitest'
import { fromTransport } from './transport-error.ts'

test.each([
  [new errors.ClosedConnectionError(), 'unavailable', 'BUS_DISCONNECTED'],
  [new errors.NoRespondersError('work.1'), 'unavailable', 'NATS_UNAVAILABLE'],
  [new errors.RequestError('no responders'), 'unavailable', 'NATS_UNAVAILABLE'],
  [new errors.TimeoutError(), 'deadline', 'DEADLINE'],
])('$0 of the client of NATS asks to come again', (cause, code, reason) => {
  const error = fromTransport(cause)

  expect(error).toMatchObject({ code, reason, retryable: true })
  expect(error.cause).toBe(cause)
})

test('what is not of the transport stays what it is', () => {
  const known = new AppError('not_found', 'There is none')

  expect(fromTransport(known)).toBe(known)
  expect(fromTransport(new Error('a bug')).code).toBe('internal')
})
