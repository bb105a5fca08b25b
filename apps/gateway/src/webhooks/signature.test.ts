import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { newSigningSecret, signatureHeaders } from './signature.ts'

/** From the test suite of the reference libraries. */
const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  signed: {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}

test('signs the vector of the reference libraries as they do', () => {
  expect(signatureHeaders(vector.signed, [vector.secret])).toEqual({
    'webhook-id': vector.signed.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': vector.signature,
  })
})

const now = () => ({
  id: 'msg_1',
  timestamp: Math.floor(Date.now() / 1_000),
  body: '{"type":"job.failed","ü":1}',
})

test('the published library verifies it', () => {
  const secret = newSigningSecret()
  const signed = now()

  expect(new Webhook(secret).verify(signed.body, signatureHeaders(signed, [secret]))).toMatchObject({ ü: 1 })
})

test('while a secret is changed both verify, and no third one', () => {
  const [fresh, previous, foreign] = [newSigningSecret(), newSigningSecret(), newSigningSecret()]
  const signed = now()
  const headers = signatureHeaders(signed, [fresh, previous])

  expect(() => new Webhook(fresh).verify(signed.body, headers)).not.toThrow()
  expect(() => new Webhook(previous).verify(signed.body, headers)).not.toThrow()
  expect(() => new Webhook(foreign).verify(signed.body, headers)).toThrow('No matching signature found')
})

test('a changed body, id or time does not verify', () => {
  const secret = newSigningSecret()
  const signed = now()
  const headers = signatureHeaders(signed, [secret])
  const verifier = new Webhook(secret)

  expect(() => verifier.verify(`${signed.body} `, headers)).toThrow('No matching signature found')
  expect(() => verifier.verify(signed.body, { ...headers, 'webhook-id': 'msg_2' })).toThrow(
    'No matching signature found',
  )
  const later = String(signed.timestamp + 1)
  expect(() => verifier.verify(signed.body, { ...headers, 'webhook-timestamp': later })).toThrow(
    'No matching signature found',
  )
})

test('every secret is new and has 32 bytes', () => {
  const secrets = Array.from({ length: 50 }, newSigningSecret)

  expect(new Set(secrets).size).toBe(50)
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_/)
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32)
  }
})
