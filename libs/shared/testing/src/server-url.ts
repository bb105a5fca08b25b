import { inject } from 'vitest'
import type { ServerName } from '@easel/embedded'
import type {} from './global-setup.ts'

const known = new Map<ServerName, Promise<string>>()

/** The URL of the run's Postgres, NATS or Redis, which starts now if nobody has needed it so far. */
export function serverUrl(name: ServerName): Promise<string> {
  const url = known.get(name) ?? ask(name)
  known.set(name, url)
  return url
}

async function ask(name: ServerName): Promise<string> {
  const response = await fetch(`${inject('easelBroker')}/${name}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`No ${name} for tests: ${text}`)
  return text
}
