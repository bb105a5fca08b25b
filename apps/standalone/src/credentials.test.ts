import { Secret } from '@easel/config'
import { tempDirectory } from '@easel/testing'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'
import { loadCredentials } from './credentials.ts'

test('credentials are made once; what is given later changes nothing', async () => {
  await using home = await tempDirectory()
  const made = await loadCredentials(home.path, { apiKey: new Secret('esl_first') })

  const again = await loadCredentials(home.path, { apiKey: new Secret('esl_second') })

  expect(made).toMatchObject({ apiKey: 'esl_first', fresh: true })
  expect(again).toEqual({ ...made, fresh: false })
})

test('a damaged file is told of without its text', async () => {
  await using home = await tempDirectory()
  await writeFile(join(home.path, 'credentials.json'), '{"secret":"abc')

  const loading = loadCredentials(home.path, {})

  await expect(loading).rejects.toMatchObject({ code: 'unavailable' })
  await expect(loading).rejects.not.toThrow('abc')
})

test.each([
  ['EASEL_BOOTSTRAP_API_KEY', 'esl_too-short'],
  ['EASEL_ADMIN_PASSWORD', 'short'],
  ['EASEL_ADMIN_EMAIL', 'nobody'],
  ['EASEL_SECRET', 'short'],
])('a first start with a wrong %s is refused before anything is kept', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow(name)
})
