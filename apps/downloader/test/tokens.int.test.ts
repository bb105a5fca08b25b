import { createClient } from '@easel/bus'
import { Secret } from '@easel/config'
import { sourceTokens } from '@easel/contracts'
import { expect, test } from 'vitest'
import { aModel, startFileServer } from './support/file-server.ts'
import { anActor, openHouse } from './support/start-downloader.ts'

const token = 'civitai-token-of-somebody-1234'
const admin = () => anActor({ role: 'admin' })

test('a stored token is shown masked, lies sealed, and is told to services alone', async () => {
  await using house = await openHouse()
  await house.start()
  const client = house.as(admin())

  const put = await client.putToken({ source: 'civitai', token })
  const listed = await client.listTokens({})
  const rows = await house.sql('select t::text from downloader.source_tokens t', [])
  const services = createClient(house.bus, sourceTokens)

  expect(put).toMatchObject({ source: 'civitai', hasToken: true, hint: '1234' })
  expect(listed.items).toEqual([put, { source: 'huggingface', hasToken: false, hint: null }])
  expect(JSON.stringify([put, listed, rows])).not.toContain(token)
  expect(await services.revealToken({ source: 'civitai' })).toEqual({ token })
  await expect(client.revealToken({ source: 'civitai' })).rejects.toMatchObject({ code: 'forbidden' })
  await client.deleteToken({ source: 'civitai' })
  expect(await services.revealToken({ source: 'civitai' })).toEqual({ token: null })
})

test('tokens and settings are for administrators', async () => {
  await using house = await openHouse()
  await house.start()
  const forbidden = { code: 'forbidden' }

  await expect(house.client.listTokens({})).rejects.toMatchObject(forbidden)
  await expect(house.client.putToken({ source: 'civitai', token })).rejects.toMatchObject(forbidden)
  await expect(house.client.deleteToken({ source: 'civitai' })).rejects.toMatchObject(forbidden)
  await expect(house.client.revealToken({ source: 'civitai' })).rejects.toMatchObject(forbidden)
  await expect(house.client.updateSettings({ maxConcurrent: 1 })).rejects.toMatchObject(forbidden)
  await expect(house.as(admin()).putToken({ source: 'civitai', token: 'two words\n' })).rejects.toMatchObject(
    {
      code: 'invalid',
    },
  )
})

test('the environment gives the token where none is stored', async () => {
  await using house = await openHouse()
  await house.start({ sourceTokens: { civitai: new Secret('from-the-env-9876'), huggingface: undefined } })
  const services = createClient(house.bus, sourceTokens)

  expect((await house.as(admin()).listTokens({})).items[0]).toMatchObject({ hasToken: true, hint: '9876' })
  expect(await services.revealToken({ source: 'civitai' })).toEqual({ token: 'from-the-env-9876' })
  await house.as(admin()).putToken({ source: 'civitai', token })
  expect(await services.revealToken({ source: 'civitai' })).toEqual({ token })
})

test('a stored token goes to its own source, and to no other host that this leads to', async () => {
  await using house = await openHouse()
  await using source = await startFileServer()
  await using storage = await startFileServer()
  await house.start({ sourceUrls: { civitai: source.url, huggingface: 'https://huggingface.co' } })
  await house.as(admin()).putToken({ source: 'civitai', token })
  source.redirect('/download/1', storage.put('/signed.safetensors', aModel()))
  const other = storage.put('/other.safetensors', aModel(1_000, 'other'))

  const own = await house.client.createDownload({ url: `${source.url}/download/1`, folder: 'loras' })
  const foreign = await house.client.createDownload({ url: other, folder: 'loras' })
  await house.until(own.id, 'completed')
  await house.until(foreign.id, 'completed')

  expect(source.requests.map(({ headers }) => headers.authorization)).toContain(`Bearer ${token}`)
  expect(storage.requests.map(({ headers }) => headers.authorization).filter((each) => each)).toEqual([])
})
