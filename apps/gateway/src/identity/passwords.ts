import { hash, verify } from '@node-rs/argon2'

/** OWASP's first choice for argon2id. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost)
}

let standIn: Promise<string> | undefined

/** Takes the same time for an account that is not there, or has no password. */
export async function verifyPassword(stored: string | null | undefined, password: string): Promise<boolean> {
  standIn ??= hashPassword('an account that nobody has')
  const matches = await verify(stored ?? (await standIn), password)
  return matches && stored !== null && stored !== undefined
}
