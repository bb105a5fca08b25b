import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { colourGraph } from '../support/graphs.ts'
import { freePort } from '@easel/embedded'
import { ready, startProgram } from '../support/program.ts'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'

test('a graph becomes a picture in the gallery, byte for byte what ComfyUI wrote', async () => {
  await using easel = await startStandalone()
  const api = new Api(easel.url, bootstrapKey)

  const job = await api.finished(await api.submit(colourGraph()))

  expect(job).toMatchObject({
    status: 'succeeded',
    error: null,
    outputs: [{ kind: 'image', width: 128, height: 96 }],
  })
  const [output] = job.outputs as { url: string; assetId: string; bytes: number; hash: string }[]
  const bytes = await api.bytes(output!.url)
  const [written] = (await readdir(join(easel.home, 'simulator', 'output'))).filter((name) =>
    name.startsWith('e2e'),
  )
  expect(bytes.equals(await readFile(join(easel.home, 'simulator', 'output', written!)))).toBe(true)
  expect(bytes.includes('tEXtprompt')).toBe(true)

  const { body } = await api.get(`/api/assets?jobId=${job.id as string}`)
  expect(body.items).toMatchObject([{ id: output!.assetId, mime: 'image/png', bytes: bytes.length }])
  const thumbnail = await api.bytes(`/api/assets/${output!.assetId}/thumbnail?size=256`)
  expect(thumbnail.subarray(8, 12).toString()).toBe('WEBP')
  const part = await api.bytes(output!.url, { range: 'bytes=8-15' })
  expect(part.equals(bytes.subarray(8, 16))).toBe(true)
})

test('a second start finds everything, and prints no secret again', async () => {
  await using easel = await startStandalone()
  const id = await new Api(easel.url, bootstrapKey).submit(colourGraph())
  await new Api(easel.url, bootstrapKey).finished(id)
  easel.program.process.kill('SIGINT')
  expect(await easel.program.ended).toBe(0)

  await using again = startProgram('apps/standalone/dist/main.js', easel.env)
  await ready(again, easel.url)

  const { body } = await new Api(easel.url, bootstrapKey).get(`/api/jobs/${id}`)
  expect(body.status).toBe('succeeded')
  expect(again.output).not.toContain('esl_')
  expect((await stat(join(easel.home, 'credentials.json'))).mode & 0o777).toBe(0o600)
})

test('after kill -9 the next start comes up by itself', async () => {
  await using easel = await startStandalone()
  const id = await new Api(easel.url, bootstrapKey).submit(colourGraph())
  await easel.program.kill()

  await using again = startProgram('apps/standalone/dist/main.js', easel.env)
  await ready(again, easel.url)

  const job = await new Api(easel.url, bootstrapKey).finished(id)
  expect(job.status).toBe('succeeded')
})

test('a port in use, a home in use and a wrong setting give one clear sentence each', async () => {
  await using easel = await startStandalone()
  const { EASEL_PORT, EASEL_HOME } = easel.env as { EASEL_PORT: string; EASEL_HOME: string }

  await using samePort = startProgram('apps/standalone/dist/main.js', {
    EASEL_PORT,
    EASEL_HOME: `${EASEL_HOME}-2`,
  })
  await using sameHome = startProgram('apps/standalone/dist/main.js', {
    EASEL_PORT: String(await freePort()),
    EASEL_HOME,
  })
  await using wrong = startProgram('apps/standalone/dist/main.js', {
    EASEL_PORT: 'http',
    EASEL_HOME: `${EASEL_HOME}-3`,
  })

  expect(await samePort.ended).toBe(1)
  expect(samePort.output.trim()).toBe(
    `Easel cannot start: port ${EASEL_PORT} is in use by another program. Set EASEL_PORT to another one.`,
  )
  expect(await sameHome.ended).toBe(1)
  expect(sameHome.output).toContain(`Easel already runs in ${EASEL_HOME}`)
  expect(await wrong.ended).toBe(1)
  expect(wrong.output).toContain('EASEL_PORT: must be a whole number from 0 to 65535')
})

test('it listens on loopback only', async () => {
  await using easel = await startStandalone()
  const tcp = (await readFile('/proc/net/tcp', 'utf8')).split('\n').slice(1)
  const port = Number(new URL(easel.url).port).toString(16).toUpperCase().padStart(4, '0')

  const listening = tcp.filter((line) => line.includes(`:${port} `) && line.split(/\s+/)[4] === '0A')

  expect(listening.map((line) => line.split(/\s+/)[2])).toEqual([`0100007F:${port}`])
})
