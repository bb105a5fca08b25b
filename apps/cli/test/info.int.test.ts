import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { recordedServer } from '@easel/testing'
import { expect, test } from 'vitest'
import { cliHome } from './support/run-easel.ts'

const header = JSON.stringify({
  __metadata__: { 'modelspec.title': 'Castle \x1b[31m', ss_base_model_version: 'sdxl_base_v1-0' },
  weight: { dtype: 'F16', shape: [2, 4], data_offsets: [0, 16] },
})
const model = Buffer.concat([length(header), Buffer.from(header), Buffer.alloc(16, 7)])

function length(text: string): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(Buffer.byteLength(text)))
  return bytes
}

test('a safetensors file is described, with its hashes when asked for', async () => {
  await using home = await cliHome()
  await writeFile(join(home.path, 'castle.safetensors'), model)

  const words = await home.easel(['info', 'castle.safetensors', '--tensors'])
  const json = await home.easel(['info', 'castle.safetensors', '--hash', '--json'])

  expect(words.stdout).toMatch(/^title +Castle \\x1b\[31m$/m)
  expect(words.stdout).toMatch(/^weight +F16 +\[2, 4\]$/m)
  expect(JSON.parse(json.stdout)).toMatchObject({
    format: 'safetensors',
    tensorCount: 1,
    parameterCount: 8,
    dtypes: { F16: 8 },
    dataBytes: 16,
    sha256: createHash('sha256').update(model).digest('hex'),
    facts: { baseModel: 'sdxl_base_v1-0' },
    metadata: { ss_base_model_version: 'sdxl_base_v1-0' },
  })
})

test('of a file at a URL only the header is fetched', async () => {
  await using home = await cliHome()
  await using server = await recordedServer()
  server.on('GET /castle.safetensors', ({ headers }) => {
    const [, start = 0, end = 0] = (/^bytes=(\d+)-(\d+)$/.exec(String(headers.range)) ?? []).map(Number)
    const body = model.subarray(start, end + 1)
    const range = `bytes ${start}-${start + body.length - 1}/${model.length}`
    return { status: 206, headers: { 'content-range': range }, body }
  })

  const { code, stdout } = await home.easel(['info', `${server.url}/castle.safetensors`, '--json'])

  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ tensorCount: 1, parameterCount: 8 })
  expect(server.requests.map(({ headers }) => headers.range)).toEqual(['bytes=0-131071'])
})

test('a URL that cannot be read is told without its secrets', async () => {
  await using home = await cliHome()
  await using server = await recordedServer()

  const { code, stderr } = await home.easel(['info', `${server.url}/none.safetensors?token=secret`])

  expect(code).toBe(1)
  expect(stderr).toContain('it answered 404')
  expect(stderr).not.toContain('secret')
})

test('a picture shows the workflow it carries', async () => {
  await using home = await cliHome()
  const graph = '{"3": {"class_type": "KSampler", "inputs": {"seed": 18446744073709551615, "steps": 20}}}'
  await writeFile(join(home.path, 'picture.png'), png({ prompt: graph }))

  const words = await home.easel(['info', 'picture.png'])
  const json = await home.easel(['info', 'picture.png', '--json'])

  expect(words.stdout).toMatch(/^3\.seed +KSampler +18446744073709551615$/m)
  expect(json.stdout).toContain('"seed":18446744073709551615')
})

test.each([
  ['nonsense.bin', 'No safetensors file', 2],
  ['graph.json', 'easel workflows inspect', 2],
  ['plain.png', 'says nothing of how it was made', 1],
  ['missing.png', 'There is no file missing.png', 2],
])('%s is refused: %s', async (file, message, code) => {
  await using home = await cliHome()
  await writeFile(join(home.path, 'nonsense.bin'), 'nonsense that is no model')
  await writeFile(join(home.path, 'plain.png'), png({}))
  await writeFile(join(home.path, 'graph.json'), '{"1": {}}')

  const ran = await home.easel(['info', file])

  expect(ran.code).toBe(code)
  expect(ran.stderr).toContain(message)
})

function png(texts: Record<string, string>): Buffer {
  const size = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', size),
    ...Object.entries(texts).map(([key, text]) => chunk('tEXt', Buffer.from(`${key}\0${text}`, 'latin1'))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const numbers = Buffer.alloc(8)
  numbers.writeUInt32BE(data.length)
  numbers.writeUInt32BE(crc32(typed), 4)
  return Buffer.concat([numbers.subarray(0, 4), typed, numbers.subarray(4)])
}
