import { Api } from './api.ts'
import type { Json } from './api.ts'

export type Person = {
  id: string
  email: string
  password: string
  /** The personal one. */
  spaceId: string
  /** `easel_session=…`, as a browser would send it back. */
  cookie: string
  keyId: string
  api: Api
}

/** Makes an account as the admin would, and its key as its owner would. */
export async function addPerson(admin: Api, name: string, role = 'member'): Promise<Person> {
  const email = `${name}@easel.test`
  const password = `the pass phrase of ${name}`
  const user = await must(admin.send('POST', '/api/users', { email, name, role, password }), 201)
  const cookie = await logIn(admin.url, email, password)
  const key = await must(createKey(admin.url, cookie, { name: 'first' }), 201)
  const { id, personalSpaceId: spaceId } = user
  return {
    id: id as string,
    email,
    password,
    spaceId: spaceId as string,
    cookie,
    keyId: key.id as string,
    api: new Api(admin.url, key.key as string),
  }
}

/** The cookie of a new log-in. */
export async function logIn(url: string, email: string, password: string): Promise<string> {
  const answer = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  if (answer.status !== 200) throw new Error(`The log-in answered ${answer.status}: ${await answer.text()}`)
  return answer.headers.get('set-cookie')!.split(';')[0]!
}

/** As the page of this server would ask for it. */
export function createKey(url: string, cookie: string, body: Json) {
  return withCookie(url, cookie).send('POST', '/api/keys', body, { origin: url })
}

/** Calls with the cookie alone. */
export function withCookie(url: string, cookie: string): Api {
  return new Api(url, '', { cookie })
}

export async function must(sent: ReturnType<Api['send']>, status: number): Promise<Json> {
  const answer = await sent
  if (answer.status === status) return answer.body
  throw new Error(`Expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`)
}
