import { idFromName, newId } from '@easel/protocol'
import { expect, test } from 'vitest'
import { nameId } from './name-id.ts'

test('an id is the one that control makes from the same name', async () => {
  const namespace = newId()

  for (const name of ['0', 'attempt:12', 'schön']) {
    expect(nameId(namespace, name)).toBe(await idFromName(namespace, name))
  }
})
