import { readConfig } from '@easel/config'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { sourcesConfig } from '../src/sources/sources-config.ts'
import { openTestSources, type TestSources } from './support/open-test-sources.ts'

const plainId = ({ standIns }: TestSources) =>
  String(standIns.civitai.world.special.plain.modelVersions[0]!.id)

test('within its age an answer is not asked for again, by no replica', async () => {
  await using sources = await openTestSources()
  const other = sources.replica()

  const first = await sources.civitai.getVersion!(plainId(sources))
  const second = await sources.civitai.getVersion!(plainId(sources))
  const third = await other.civitai.getVersion!(plainId(sources))

  expect(sources.asked()).toHaveLength(1)
  expect(second).toEqual(first)
  expect(third).toEqual(first)
})

test('many who ask the same at once, on two replicas, are one question', async () => {
  await using sources = await openTestSources()
  const other = sources.replica()
  using _ = sources.standIns.fault({ kind: 'slow', delayMs: 300, server: 'civitai' })

  const asking = Array.from({ length: 10 }, (_, index) =>
    (index % 2 === 0 ? sources : other).civitai.getVersion!(plainId(sources)),
  )
  const answers = await Promise.all(asking)

  expect(new Set(answers.map(({ fetchedAt }) => fetchedAt)).size).toBe(1)
  expect(sources.asked()).toHaveLength(1)
})

test('after its age it is asked whether something changed, and what did not is not sent again', async () => {
  await using sources = await openTestSources({ config: { ages: { goodMs: 0, refusedMs: 0, failedMs: 0 } } })

  const first = await sources.civitai.search({ limit: 3 })
  const second = await sources.civitai.search({ limit: 3 })

  expect(sources.standIns.requests.map(({ status }) => status)).toEqual([200, 304])
  expect(second.value).toEqual(first.value)
})

test('"there is none" is believed for its own age, and then asked again', async () => {
  await using sources = await openTestSources({
    config: { ages: { goodMs: 0, refusedMs: 3_000, failedMs: 0 } },
  })
  const missing = () => sources.civitai.getModel('999999999')

  await expect(missing()).rejects.toMatchObject({ code: 'not_found', reason: 'MODEL_NOT_FOUND' })
  await expect(missing()).rejects.toMatchObject({ code: 'not_found' })
  expect(sources.asked()).toHaveLength(1)

  await waitFor(async () => {
    await expect(missing()).rejects.toMatchObject({ code: 'not_found' })
    return sources.asked().length > 1
  })
})

test('while a source fails its last words are given, marked as stale; then it is asked again', async () => {
  await using sources = await openTestSources({
    config: { ages: { goodMs: 0, refusedMs: 0, failedMs: 100 } },
  })
  const ask = () => sources.civitai.search({ limit: 5 })
  const before = await ask()
  const failing = sources.standIns.fault({ kind: 'status', status: 500, server: 'civitai' })

  const during = await ask()
  failing[Symbol.dispose]()

  expect(during.stale).toBe(true)
  expect(during.value).toEqual(before.value)
  expect(during.fetchedAt).toBe(before.fetchedAt)
  await waitFor(async () => !(await ask()).stale)
})

test('a failure without last words is an error, and is gone after its age', async () => {
  await using sources = await openTestSources({
    config: { ages: { goodMs: 0, refusedMs: 0, failedMs: 100 } },
  })
  const failing = sources.standIns.fault({ kind: 'status', status: 500, server: 'civitai' })

  await expect(sources.civitai.search({})).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'SOURCE_UNAVAILABLE',
  })
  failing[Symbol.dispose]()

  await waitFor(() =>
    sources.civitai.search({}).then(
      ({ value }) => value.length > 0,
      () => false,
    ),
  )
})

test('an unreachable source costs one quick failure, and none of the other', async () => {
  await using sources = await openTestSources({ config: { pauseMs: 60_000 } })
  await sources.standIns.civitai.goOffline()
  const started = performance.now()

  for (const text of ['a', 'b', 'c', 'd', 'e']) {
    await expect(sources.civitai.search({ text })).rejects.toMatchObject({ reason: 'SOURCE_UNAVAILABLE' })
  }
  const { value } = await sources.huggingface.search({ text: 'lantern' })

  expect(performance.now() - started).toBeLessThan(15_000)
  expect(value.length).toBeGreaterThan(0)
})

test('a source that comes back is asked again by itself', async () => {
  await using sources = await openTestSources()
  await sources.standIns.huggingface.goOffline()
  await expect(sources.huggingface.search({})).rejects.toMatchObject({ code: 'unavailable' })

  await sources.standIns.huggingface.goOnline()

  await waitFor(() =>
    sources.huggingface.search({}).then(
      () => true,
      () => false,
    ),
  )
})

test('"in a moment" is waited for, "much later" is told', async () => {
  await using sources = await openTestSources()
  using _busy = sources.standIns.fault({
    kind: 'status',
    status: 503,
    retryAfterS: 1,
    server: 'civitai',
    times: 1,
  })
  using _limited = sources.standIns.fault({
    kind: 'status',
    status: 429,
    retryAfterS: 120,
    server: 'huggingface',
  })

  const { value } = await sources.civitai.search({ text: 'plain' })
  const limited = sources.huggingface.search({ text: 'lantern' })

  expect(value).toHaveLength(1)
  await expect(limited).rejects.toMatchObject({ code: 'exhausted', reason: 'SOURCE_RATE_LIMITED' })
})

test('"much later" holds for every replica', async () => {
  await using sources = await openTestSources()
  const other = sources.replica()
  using _ = sources.standIns.fault({
    kind: 'status',
    status: 429,
    server: 'huggingface',
    headers: { ratelimit: '"api";r=0;t=90' },
    times: 1,
  })
  await expect(sources.huggingface.search({ text: 'a' })).rejects.toMatchObject({ code: 'exhausted' })

  const elsewhere = other.huggingface.search({ text: 'b' })

  await expect(elsewhere).rejects.toMatchObject({ code: 'exhausted' })
  expect(sources.asked('huggingface')).toHaveLength(1)
})

test('replicas together ask no oftener than one may', async () => {
  const rate = { requests: 5, seconds: 300 }
  await using sources = await openTestSources({ config: { rates: { civitai: rate, huggingface: rate } } })
  const other = sources.replica({ rates: { civitai: rate, huggingface: rate } })

  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, (_, index) =>
      (index % 2 === 0 ? sources : other).civitai.search({ text: `question ${index}` }),
    ),
  )

  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  expect(sources.asked()).toHaveLength(5)
  const [refused] = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused!.reason).toMatchObject({ code: 'exhausted', reason: 'SOURCE_RATE_LIMITED' })
})

test.each(['', 'redis://127.0.0.1:1'])('sources are asked without Redis, too: "%s"', async (url) => {
  await using sources = await openTestSources()
  const { redisUrl } = readConfig({ EASEL_REDIS_URL: url }, sourcesConfig)
  const alone = sources.replica({ redisUrl })

  const { value } = await alone.civitai.search({ text: 'plain' })

  expect(value).toHaveLength(1)
})

test.each(['html', 'not-json', 'cut', 'wrong-length', 'offline'] as const)(
  'what is no answer is not taken for one: %s',
  async (kind) => {
    await using sources = await openTestSources({
      config: { ages: { goodMs: 0, refusedMs: 0, failedMs: 0 } },
    })
    const before = await sources.civitai.search({ limit: 5 })
    using _ = sources.standIns.fault({ kind, server: 'civitai' })

    const during = await sources.civitai.search({ limit: 5 })
    const unknown = sources.civitai.search({ limit: 6 })

    expect(during).toMatchObject({ stale: true, value: before.value })
    await expect(unknown).rejects.toMatchObject({ code: 'unavailable', reason: 'SOURCE_UNAVAILABLE' })
  },
)

test('a source that says nothing is given up after its time', async () => {
  await using sources = await openTestSources({ config: { timeouts: { connectMs: 500, totalMs: 500 } } })
  using _ = sources.standIns.fault({ kind: 'hang', server: 'civitai' })

  await expect(sources.civitai.search({})).rejects.toMatchObject({
    code: 'deadline',
    reason: 'SOURCE_UNAVAILABLE',
  })
})

test('who leaves does not take the answer away from others', async () => {
  await using sources = await openTestSources()
  using _ = sources.standIns.fault({ kind: 'slow', delayMs: 300, server: 'civitai' })
  const leaving = new AbortController()

  const left = sources.civitai.getVersion!(plainId(sources), leaving.signal)
  const stays = sources.civitai.getVersion!(plainId(sources))
  leaving.abort(new Error('gone'))

  await expect(left).rejects.toThrow('gone')
  await expect(stays).resolves.toMatchObject({ stale: false })
})

test.each([
  ['login', 'TOKEN_REQUIRED'],
  ['gated', 'GATED'],
  ['early-access', 'EARLY_ACCESS'],
] as const)('a refusal has its reason and the page where to act: %s', async (kind, reason) => {
  await using sources = await openTestSources()
  using _ = sources.standIns.fault({ kind, server: 'civitai' })
  const id = String(sources.standIns.civitai.world.special.plain.id)

  await expect(sources.civitai.getModel(id)).rejects.toMatchObject({
    code: 'forbidden',
    reason,
    extra: { details: { approvalUrl: `${sources.standIns.civitai.url}/models/${id}` } },
  })
})

test.each([
  [451, 'forbidden', 'LEGALLY_UNAVAILABLE'],
  [410, 'not_found', 'MODEL_ARCHIVED'],
  [400, 'invalid', 'SOURCE_REFUSED'],
  [502, 'unavailable', 'SOURCE_UNAVAILABLE'],
])('status %i has its own reason', async (status, code, reason) => {
  await using sources = await openTestSources()
  using _ = sources.standIns.fault({ kind: 'status', status, server: 'civitai' })

  await expect(sources.civitai.getModel('5')).rejects.toMatchObject({ code, reason })
})

test('the token goes to its own host and to no other', async () => {
  await using sources = await openTestSources()
  sources.tokens.civitai = 'civitai_standinkey'
  const elsewhere = `${sources.standIns.delivery.url}/somewhere`
  using _ = sources.standIns.fault({
    kind: 'redirect',
    location: elsewhere,
    path: '/api/v1/models/',
    times: 1,
  })

  await expect(sources.civitai.getModel('7')).rejects.toMatchObject({ code: expect.any(String) as string })
  await sources.civitai.search({})

  const [first, redirected, last] = sources.standIns.requests
  expect(first!.headers['authorization']).toBe('Bearer civitai_standinkey')
  expect(redirected).toMatchObject({ server: 'delivery' })
  expect(redirected!.headers).not.toHaveProperty('authorization')
  expect(last!.headers['authorization']).toBe('Bearer civitai_standinkey')
  const { rows } = await sources.database.query<{ text: string }>(
    'select source_answers::text as text from source_answers',
  )
  expect(rows.map(({ text }) => text).join()).not.toContain('civitai_standinkey')
})

test('redirects in circles and answers beyond all measure end', async () => {
  await using sources = await openTestSources()
  using _ = sources.standIns.fault({ kind: 'loop', path: '/api/v1/models/5' })
  using _large = sources.standIns.fault({
    kind: 'status',
    status: 200,
    body: 'x'.repeat(33 * 1024 * 1024),
    path: '/api/models',
  })

  await expect(sources.civitai.getModel('5')).rejects.toMatchObject({ reason: 'SOURCE_UNAVAILABLE' })
  await expect(sources.huggingface.search({})).rejects.toMatchObject({ reason: 'SOURCE_UNAVAILABLE' })
})
