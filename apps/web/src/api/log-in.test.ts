import { expect, test } from 'vitest'
import { LogIn } from './log-in.ts'

test('a call that is refused in the middle waits for the next log-in and is made again', async () => {
  const logIn = new LogIn()
  logIn.hold()
  const answers = [401, 200]
  const send = logIn.fetcher(async () => new Response(null, { status: answers.shift()! }))

  const answer = send('/api/sessions')
  await Promise.resolve()
  await expect.poll(() => logIn.state()).toBe('over')
  logIn.hold()

  expect((await answer).status).toBe(200)
})

test('before anybody was logged in a refusal is an answer', async () => {
  const logIn = new LogIn()
  const send = logIn.fetcher(async () => new Response(null, { status: 401 }))

  expect((await send('/api/auth/me')).status).toBe(401)
  expect(logIn.state()).toBe('unknown')
})

test('a wrong password at the log-in is its answer', async () => {
  const logIn = new LogIn()
  logIn.hold()
  logIn.lapse()
  const send = logIn.fetcher(async () => new Response(null, { status: 401 }))

  expect((await send('/api/auth/login')).status).toBe(401)
})

test('a call that is given up does not wait for a log-in', async () => {
  const logIn = new LogIn()
  logIn.hold()
  const given = new AbortController()
  const send = logIn.fetcher(async (_input, init) => {
    init?.signal?.throwIfAborted()
    return new Response(null, { status: 401 })
  })

  const answer = send('/api/models', { signal: given.signal })
  const outcome = answer.then(
    () => 'answered',
    ({ name }: Error) => name,
  )
  await expect.poll(() => logIn.state()).toBe('over')
  given.abort()

  expect(await outcome).toBe('AbortError')
})
