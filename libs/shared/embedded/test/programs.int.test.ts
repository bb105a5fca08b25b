import { expect, test } from 'vitest'
import { ensurePrograms } from '../src/index.ts'

const missing = {
  program: 'no-such-server',
  debianPackage: 'no-such-package',
  elsewhere: 'https://example.org',
}
const present = { program: 'sh', debianPackage: 'dash', elsewhere: 'everywhere' }

test('programs that are there are found, and nothing is said', async () => {
  const lines: string[] = []

  const paths = await ensurePrograms([present], { mayInstall: true, log: (line) => lines.push(line) })

  expect(paths).toEqual([expect.stringMatching(/\/sh$/)])
  expect(lines).toEqual([])
})

test('a program that is missing and may not be installed is an error with three ways to get it', async () => {
  const lines: string[] = []

  const found = ensurePrograms([present, missing], { mayInstall: false, log: (line) => lines.push(line) })

  await expect(found).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      /1\. sudo apt-get install no-such-package[^]*2\. [^]*example\.org[^]*3\. /,
    ),
  })
  expect(lines).toEqual([])
})
