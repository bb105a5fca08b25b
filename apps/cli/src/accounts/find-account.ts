import type { Easel } from '@easel/client'
import type { Command } from 'commander'
import { failed } from '../exit-codes.ts'

export type AccountOptions = { space?: string; user?: string }

/** A space or user by what people call it. */
export type Account = { kind: 'space' | 'user'; id: string }

export function accountOptions(command: Command): Command {
  return command
    .option('--space <space>', 'a space: id or short name')
    .option('--user <user>', 'a user: id, or for admins an e-mail address (you, when left out)')
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export async function findAccount(api: Easel, { space, user }: AccountOptions): Promise<Account> {
  if (space !== undefined) return { kind: 'space', id: await findSpace(api, space) }
  return { kind: 'user', id: await findUser(api, user) }
}

async function findSpace(api: Easel, name: string): Promise<string> {
  if (uuid.test(name)) return name
  const { eachItem } = await import('@easel/client')
  for await (const { id, slug } of eachItem((cursor) => api.spaces.list({ cursor, limit: 200 }))) {
    if (slug === name) return id
  }
  throw failed(`There is no space “${name}”`, 'SPACE_NOT_FOUND')
}

async function findUser(api: Easel, name: string | undefined): Promise<string> {
  if (name !== undefined && uuid.test(name)) return name
  const me = await api.auth.me()
  if (name === undefined || name === 'me' || name.toLowerCase() === me.email) return me.id
  const { eachItem } = await import('@easel/client')
  for await (const { id, email } of eachItem((cursor) => api.users.list({ cursor, limit: 200 }))) {
    if (email === name.toLowerCase()) return id
  }
  throw failed(`There is no user “${name}”`, 'USER_NOT_FOUND')
}
