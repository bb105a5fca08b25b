import { randomBytes } from 'node:crypto'
import { call, must } from './http.ts'
import type { LedgerUser } from './ledger.ts'

export type PeopleOptions = {
  url: string
  /** Of an administrator when there are users to make. */
  apiKey: string
  users: number
  /** How many of them flood. */
  flooders: number
  /** In the names of the accounts. */
  seed: number
}

/** Accounts, each with its own key and personal space, made through the API as an administrator and they would. */
export async function makePeople(options: PeopleOptions): Promise<LedgerUser[]> {
  const { users, flooders, seed } = options
  const mark = `${seed}-${randomBytes(4).toString('hex')}`
  const made: LedgerUser[] = []
  for (let index = 0; index < users; index++) {
    // Flooders come last, so that the same users do the same with and without them.
    const flooder = index >= users - flooders
    const name = `${flooder ? 'flooder' : 'user'}-${index + 1}`
    made.push(await makePerson(options, { name, email: `${name}.${mark}@cluster.test`, flooder }))
  }
  return made
}

type Plan = { name: string; email: string; flooder: boolean }

async function makePerson({ url, apiKey }: PeopleOptions, plan: Plan): Promise<LedgerUser> {
  const { name, email, flooder } = plan
  const password = randomBytes(16).toString('hex')
  const user = await must(
    call(`${url}/api/users`, { apiKey, body: { email, name, role: 'member', password } }),
    201,
  )
  const login = await call(`${url}/api/auth/login`, { body: { email, password } })
  const cookie = (login.headers['set-cookie'] as string[] | undefined)?.[0]?.split(';')[0]
  if (login.status !== 200 || cookie === undefined)
    throw new Error(`The log-in of ${email} answered ${login.status}`)
  const headers = { cookie, origin: url }
  const key = await must(call(`${url}/api/keys`, { body: { name: 'cluster' }, headers }), 201)
  return {
    name,
    flooder,
    apiKey: String(key.key),
    userId: String(user.id),
    spaceId: String(user.personalSpaceId),
  }
}

/** The one whose key it is, to load an Easel without making accounts. */
export async function ownerOf({ url, apiKey }: { url: string; apiKey: string }): Promise<LedgerUser> {
  const me = await must(call(`${url}/api/auth/me`, { apiKey }), 200)
  const user = (me.user ?? me) as Record<string, unknown>
  return {
    name: typeof user.name === 'string' ? user.name : 'you',
    flooder: false,
    apiKey,
    userId: String(user.id),
    spaceId: String(user.personalSpaceId),
  }
}

/** Accounts that were made for a load do not outlive it. */
export async function removePeople(
  { url, apiKey }: { url: string; apiKey: string },
  people: readonly LedgerUser[],
): Promise<void> {
  for (const { userId } of people) await call(`${url}/api/users/${userId}`, { method: 'DELETE', apiKey })
}
