import { expect, test } from 'vitest'
import { cleanFileName, contentDisposition } from './file-name.ts'

test.each([
  ['cat.png', 'cat.png'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Windows\\system32\\evil.exe', 'evil.exe'],
  ['/absolute/name.png', 'name.png'],
  ['..', 'upload'],
  ['', 'upload'],
  ['a\u0000b\r\nSet-Cookie: x.png', 'abSet-Cookie: x.png'],
  ['photo\u202Egnp.exe', 'photognp.exe'],
  ['Käse 🧀.png', 'Käse 🧀.png'],
  [`${'x'.repeat(300)}.png`, `${'x'.repeat(196)}.png`],
])('%j is shown as %j', (given, shown) => {
  expect(cleanFileName(given)).toBe(shown)
})

test('a name cannot leave its header', () => {
  expect(contentDisposition('attachment', `a"b\\c%ä'.png`)).toBe(
    `attachment; filename="a_b_c__'.png"; filename*=UTF-8''a%22b%5Cc%25%C3%A4%27.png`,
  )
})
