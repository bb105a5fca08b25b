import { expect, test } from 'vitest'
import { numbered, safeName } from './safe-name.ts'

test.each([
  ['ComfyUI_00001_.png', 'ComfyUI_00001_.png'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Windows\\evil.exe', 'evil.exe'],
  ['/absolute/name.png', 'name.png'],
  ['.bashrc', 'bashrc'],
  ['-rf', 'rf'],
  ['..', 'fallback.png'],
  ['', 'fallback.png'],
  ['\u202e\x1b', 'fallback.png'],
  ['a\x1b[2J\nb.png', 'a_[2J_b.png'],
  ['what?*<>|".png', 'what______.png'],
  ['CON.png', '_CON.png'],
  ['name. . ', 'name'],
  ['Größe 漢字.png', 'Größe 漢字.png'],
])('%j becomes %j', (given, name) => {
  expect(safeName(given, 'fallback.png')).toBe(name)
})

test('a long name is cut at a letter and keeps its ending', () => {
  const name = safeName(`${'漢'.repeat(300)}.png`, 'x')

  expect(name).toMatch(/^漢+\.png$/)
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(180)
})

test('numbers go before the ending', () => {
  expect([numbered('a.png', 0), numbered('a.png', 2), numbered('a', 1), numbered('a.tar.gz', 1)]).toEqual([
    'a.png',
    'a-2.png',
    'a-1',
    'a.tar-1.gz',
  ])
})
