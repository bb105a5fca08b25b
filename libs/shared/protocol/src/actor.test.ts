import { expect, test } from 'vitest'
import { canRead, canWrite } from './actor.ts'
import type { Actor } from './actor.ts'

const actor: Actor = {
  userId: 'u',
  role: 'member',
  personalSpaceId: 's',
  spaces: { s: 'owner', seen: 'viewer' },
  scopes: [],
}

test('a space is there for its members only', () => {
  expect([canRead(actor, 's'), canWrite(actor, 's')]).toEqual([true, true])
  expect([canRead(actor, 'seen'), canWrite(actor, 'seen')]).toEqual([true, false])
  expect([canRead(actor, 'other'), canWrite(actor, 'other')]).toEqual([false, false])
})

test.each(['constructor', '__proto__', 'toString'])('%s is no space of anybody', (name) => {
  expect([canRead(actor, name), canWrite(actor, name)]).toEqual([false, false])
})

test('a viewer changes nothing, in no space', () => {
  expect(canWrite({ ...actor, role: 'viewer' }, 's')).toBe(false)
})
