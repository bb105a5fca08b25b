import { expect, test } from 'vitest'
import { idFromName, newId } from './ids.ts'

test('ids made later sort later, even when the clock steps back', () => {
  const ids = [
    newId(1_700_000_000_000),
    newId(1_700_000_000_000),
    newId(1_600_000_000_000),
    newId(1_700_000_000_001),
  ]

  expect(ids).toEqual([...ids].sort())
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('a name gives the id that RFC 9562 gives', async () => {
  // RFC 9562, appendix A.4: namespace DNS, name www.example.com
  await expect(idFromName('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).resolves.toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  )
})
