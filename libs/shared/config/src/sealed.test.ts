import { expect, test } from 'vitest'
import { sealer, Secret } from './index.ts'

const old = new Secret('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08')
const current = new Secret('60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752')
const broken = expect.objectContaining({ reason: 'SEALED_TEXT_BROKEN' })

test('opens what it sealed, and shows nothing of it', () => {
  const { seal, open, isStale } = sealer(current)

  const sealed = seal('hf_tökén', 'provider-key:1')

  expect(open(sealed, 'provider-key:1')).toBe('hf_tökén')
  expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('hf_')
  expect(isStale(sealed)).toBe(false)
})

test('the same text is sealed differently each time, the empty one too', () => {
  const { seal, open } = sealer(current)

  expect(seal('', 'a')).not.toBe(seal('', 'a'))
  expect(open(seal('', 'a'), 'a')).toBe('')
})

test('a sealed text does not open in another place', () => {
  const { seal, open } = sealer(current)

  expect(() => open(seal('key', 'provider-key:1'), 'provider-key:2')).toThrow(broken)
})

test('a change of any one byte is noticed', () => {
  const { seal, open } = sealer(current)
  const [version, id, body = ''] = seal('key', 'a').split('.')
  const bytes = Buffer.from(body, 'base64url')

  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
    expect(() => open(`${version}.${id}.${changed.toString('base64url')}`, 'a')).toThrow(broken)
  }
  expect(() => open(`${version}.${id}.${bytes.subarray(0, -1).toString('base64url')}`, 'a')).toThrow(broken)
})

test.each(['', '.', '..', 's1', 's1.__proto__.AAAA', 'plain text', 's1..'])('does not open %o', (sealed) => {
  expect(() => sealer(current).open(sealed, 'a')).toThrow(expect.objectContaining({ code: 'internal' }))
})

test('after a rotation the old secret opens and the new one seals', () => {
  const before = sealer(old).seal('key', 'a')
  const after = sealer(current, [old])

  expect(after.open(before, 'a')).toBe('key')
  expect([after.isStale(before), after.isStale(after.seal('key', 'a'))]).toEqual([true, false])
})

test('a secret that is not set is told apart from a broken text', () => {
  const sealed = sealer(old).seal('key', 'a')

  expect(() => sealer(current).open(sealed, 'a')).toThrow(
    expect.objectContaining({ reason: 'SEALED_KEY_UNKNOWN' }),
  )
})
