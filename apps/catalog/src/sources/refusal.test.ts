import { expect, test } from 'vitest'
import { refusal, waitOf } from './refusal.ts'

const page = { 'content-type': 'text/html; charset=utf-8' }

test.each([
  [401, { error: 'Unauthorized', message: 'You need to be logged in' }, 'forbidden', 'TOKEN_REQUIRED'],
  [
    401,
    { error: 'Unauthorized', message: 'Its creator has disabled downloads' },
    'forbidden',
    'DOWNLOADS_DISABLED',
  ],
  [403, { error: 'Early Access', deadline: '2026-12-01T00:00:00Z' }, 'forbidden', 'EARLY_ACCESS'],
  [403, { error: 'Forbidden' }, 'forbidden', 'GATED'],
  [404, { error: 'Model not found' }, 'not_found', 'MODEL_NOT_FOUND'],
  [410, { error: 'Model archived' }, 'not_found', 'MODEL_ARCHIVED'],
  [429, { error: 'Slow down' }, 'exhausted', 'SOURCE_RATE_LIMITED'],
  [451, {}, 'forbidden', 'LEGALLY_UNAVAILABLE'],
  [500, {}, 'unavailable', 'SOURCE_UNAVAILABLE'],
])('CivitAI: %i %o', (status, body, ...expected) => {
  const error = refusal({
    source: 'civitai',
    status,
    headers: {},
    text: JSON.stringify(body),
    pageUrl: 'https://p',
  })

  expect([error.code, error.reason]).toEqual(expected)
})

test('early access tells until when, and where to pay', () => {
  const text = JSON.stringify({ error: 'Early Access', deadline: '2026-12-01T00:00:00.000Z' })

  const error = refusal({ source: 'civitai', status: 403, headers: {}, text, pageUrl: 'https://p' })

  expect(error.extra.details).toEqual({ approvalUrl: 'https://p', until: '2026-12-01T00:00:00.000Z' })
})

test.each([
  [401, 'GatedRepo', 'forbidden', 'TOKEN_REQUIRED'],
  [403, 'GatedRepo', 'forbidden', 'GATED'],
  [401, 'RepoNotFound', 'not_found', 'MODEL_NOT_FOUND'],
  [404, 'RepoNotFound', 'not_found', 'MODEL_NOT_FOUND'],
  [404, 'RevisionNotFound', 'not_found', 'REVISION_NOT_FOUND'],
  [404, 'EntryNotFound', 'not_found', 'FILE_NOT_FOUND'],
])('Hugging Face: %i with %s', (status, header, ...expected) => {
  const error = refusal({ source: 'huggingface', status, headers: { 'x-error-code': header }, text: '' })

  expect([error.code, error.reason]).toEqual(expected)
})

test('a page of the edge with 403 is a source that does not work, not a model behind a gate', () => {
  const ofCivitai = refusal({ source: 'civitai', status: 403, headers: page, text: '<html>' })
  const ofHub = refusal({ source: 'huggingface', status: 403, headers: page, text: '<html>' })

  expect([ofCivitai.reason, ofHub.reason]).toEqual(['SOURCE_UNAVAILABLE', 'SOURCE_UNAVAILABLE'])
})

test('how long to wait comes from Retry-After, in seconds or as a date, else from the rate limit', () => {
  expect(waitOf({ 'retry-after': '2' })).toBe(2_000)
  expect(waitOf({ 'retry-after': new Date(Date.now() + 30_000).toUTCString() })).toBeGreaterThan(20_000)
  expect(waitOf({ 'retry-after': 'soon' })).toBe(5_000)
  expect(waitOf({ 'retry-after': '999999' })).toBe(600_000)
  expect(waitOf({ ratelimit: '"api";r=0;t=55' })).toBe(55_000)
  expect(waitOf({ ratelimit: '"api";r=12;t=55' })).toBe(5_000)
})
