import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCli } from './support/start-cli.ts'
import { aDownload, aJob, problem } from './support/stand-in-gateway.ts'
import type { BundleStatus, ModelCard, ModelView } from '@easel/client'

const hash = 'a'.repeat(64)

function aCard(more: Partial<ModelCard> = {}): ModelCard {
  return {
    source: 'civitai',
    id: '4201',
    name: 'Castle',
    type: 'lora',
    family: 'sdxl',
    tags: [],
    nsfw: 'pg',
    downloads: 12,
    likes: 3,
    bytes: 2 ** 20,
    gate: 'approval',
    installed: { state: 'installed', fileIds: [] },
    updateAvailable: true,
    favorite: false,
    ...more,
  }
}

const version: ModelView['versions'][number] = {
  id: '4202',
  name: 'v2',
  triggerWords: ['castle', 'tower'],
  gate: 'open',
  installed: { state: 'none', fileIds: [] },
  files: [{ id: '7', name: 'castle.safetensors', primary: true, unsafe: false, bytes: 2 ** 20 }],
  images: [],
  hiddenImages: 2,
}
const model: ModelView = {
  ...aCard(),
  licence: { name: 'Fair', terms: ['You may sell images you make with it'] },
  approvalUrl: 'https://models.example/approve',
  versions: [version, { ...version, id: '4100', name: 'v1' }],
  stale: false,
}

test('a search asks as it is told, and shows what is here and what failed', async () => {
  await using cli = await startCli()
  const page = {
    items: [aCard(), aCard({ source: 'huggingface', id: 'Org/castle', gate: 'open' })],
    nextCursor: null,
    sources: [{ source: 'huggingface', state: 'failed', message: 'It is away' }],
    didYouMean: 'castles',
  }
  cli.server.on('GET /api/search', { body: page })

  const table = await cli.easel(
    ...'search old castle -P civitai -t lora locon -b sdxl --sfw --limit 5 --sort downloads'.split(' '),
    ...'--period month --tag style -u ada'.split(' '),
  )
  const json = await cli.easel('search', 'castle', '--json', '--nsfw', 'r')

  expect(table.stdout).toMatch(/^civitai:4201 +Castle +lora +sdxl .*installed, update, approval$/m)
  expect(table.stdout).toContain('hf:Org/castle')
  expect(table.stderr).toContain('huggingface did not answer: It is away')
  expect(table.stderr).toContain('Did you mean: castles')
  const asked = new URL(`http://x${cli.server.requests[0]?.path}`).searchParams
  expect(asked.getAll('type')).toEqual(['lora', 'locon'])
  expect(Object.fromEntries(asked)).toMatchObject({
    q: 'old castle',
    sources: 'civitai',
    base: 'sdxl',
    maxNsfw: 'pg',
    sort: 'downloads',
    period: 'month',
    tag: 'style',
    creator: 'ada',
    limit: '5',
  })
  expect(JSON.parse(json.stdout)).toEqual(page)
})

test('a model is shown with its files and licence, whatever is in its id', async () => {
  await using cli = await startCli()
  cli.server.on('GET /api/models/huggingface/Org%2Fcastle', { body: model })

  const words = await cli.easel('models', 'show', 'hf:Org/castle')
  const json = await cli.easel('models', 'show', 'Org/castle', '--json')

  expect(words.stdout).toContain('You may sell images you make with it')
  expect(words.stdout).toMatch(/^access +approval: https:\/\/models\.example\/approve$/m)
  expect(words.stdout).toMatch(/^triggers +castle, tower$/m)
  expect(words.stdout).toMatch(/^\* +7 +castle\.safetensors/m)
  expect(words.stderr).toContain('1 older')
  expect(JSON.parse(json.stdout)).toEqual(model)
})

test('a file is looked up by its hash, which is made here', async () => {
  await using cli = await startCli()
  await writeFile(join(cli.path, 'castle.bin'), 'some bytes')
  const sha256 = createHash('sha256').update('some bytes').digest('hex')
  cli.server.on(`GET /api/models/by-hash/${sha256}`, { body: { model, version, fileId: '7' } })

  const { code, stdout } = await cli.easel('models', 'by-hash', 'castle.bin')

  expect(code).toBe(0)
  expect(stdout).toMatch(/^version +v2 \(4202\)$/m)
})

test('favourites are kept', async () => {
  await using cli = await startCli()
  cli.server.on('PUT /api/favorites/civitai/4201', { status: 204 })
  cli.server.on('PUT /api/favorites/huggingface/Org%2Fcastle', { status: 204 })

  const { code, stdout } = await cli.easel('favorites', 'add', '4201', 'Org/castle', '--json')

  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ added: [{ id: '4201' }, { id: 'Org/castle' }] })
})

test.each([
  [['civitai:4201'], { source: 'civitai', modelId: '4201' }],
  [['-v', '4202', '--priority', '5'], { source: 'civitai', versionId: '4202', priority: 5 }],
  [
    ['--repo', 'o/n', '--pattern', '*.gguf', 'unet/**'],
    { source: 'huggingface', repo: 'o/n', patterns: ['*.gguf', 'unet/**'] },
  ],
  [['-H', hash], { source: 'hash', hash }],
  [
    ['bundle:wan', 'civitai:1'],
    {
      source: 'files',
      files: [
        { source: 'bundle', bundleId: 'wan' },
        { source: 'civitai', modelId: '1' },
      ],
    },
  ],
])('easel dl %j', async (words, body) => {
  await using cli = await startCli()
  cli.server.on('POST /api/downloads', { status: 202, body: aDownload() })

  const { code, stdout } = await cli.easel('dl', 'add', '--no-wait', ...words)

  expect({ code, stdout }).toEqual({ code: 0, stdout: `${aDownload().id}\n` })
  expect(cli.server.bodies('POST /api/downloads')).toEqual([body])
})

test('a plain address without a folder is refused before anything is asked', async () => {
  await using cli = await startCli()

  const { code, stderr } = await cli.easel('dl', 'https://example.org/a.safetensors')

  expect(code).toBe(2)
  expect(stderr).toContain('--folder')
  expect(cli.server.requests).toEqual([])
})

test('a gated model says where to ask', async () => {
  await using cli = await startCli()
  const details = { approvalUrl: 'https://models.example/approve' }
  cli.server.on('POST /api/downloads', problem(403, 'MODEL_GATED', { details }))

  const { code, stderr } = await cli.easel('dl', 'civitai:4201')

  expect(code).toBe(1)
  expect(stderr).toContain('https://models.example/approve')
})

const file: BundleStatus['files'][number] = {
  folder: 'vae',
  filename: 'wan_vae.safetensors',
  urls: ['https://models.example/wan_vae.safetensors', 'https://mirror.example/wan_vae.safetensors'],
  sha256: hash,
  bytes: 1_000,
  state: 'missing',
  progress: 0,
}
const status: BundleStatus = {
  id: 'wan',
  state: 'partial',
  progress: 0.5,
  bytesPresent: 1_000,
  bytesTotal: 2_000,
  files: [file, { ...file, filename: 'wan_t5.safetensors', folder: 'text_encoders', state: 'present' }],
}

test('a script gets a file by its name: 0 when it is there, 1 when nothing matched, 2 when several do', async () => {
  await using cli = await startCli()
  cli.server.on('GET /api/bundles', { body: { items: [{ ...status, name: 'Wan' }], nextCursor: null } })
  cli.server.on('GET /api/bundles/wan/status', { body: status })
  const done = aDownload({ status: 'completed', folder: 'vae', filename: 'wan_vae.safetensors' })
  cli.server.on('POST /api/downloads', { status: 202, body: done })

  const fetched = await cli.easel('dl', 'get', 'wan_vae')
  const present = await cli.easel('dl', 'get', 't5', '--bundle', 'wan')
  const nothing = await cli.easel('dl', 'get', 'flux')
  const several = await cli.easel('dl', 'get', 'wan')

  expect(fetched).toMatchObject({ code: 0, stdout: 'vae/wan_vae.safetensors\n' })
  expect(cli.server.bodies('POST /api/downloads')).toEqual([
    {
      source: 'url',
      url: file.urls[0],
      mirrors: [file.urls[1]],
      folder: 'vae',
      filename: 'wan_vae.safetensors',
      sha256: hash,
    },
  ])
  expect(present).toMatchObject({ code: 0, stdout: 'text_encoders/wan_t5.safetensors\n' })
  expect(nothing).toMatchObject({ code: 1, stdout: '' })
  expect(several.code).toBe(2)
  expect(several.stderr).toContain('vae/wan_vae.safetensors')
})

test('a bundle that is not complete ends with 1', async () => {
  await using cli = await startCli()
  cli.server.on('GET /api/bundles/wan/status', { body: status }, { body: { ...status, state: 'present' } })

  const partial = await cli.easel('bundles', 'status', 'wan')
  const complete = await cli.easel('bundles', 'status', 'wan', '--json')

  expect(partial.code).toBe(1)
  expect(partial.stdout).toMatch(/^missing +vae +wan_vae\.safetensors/m)
  expect(complete.code).toBe(0)
})

test('manifests of a folder are sent together, and a refused one ends with 1', async () => {
  await using cli = await startCli()
  await writeFile(join(cli.path, 'a.json'), '{"model": {"URLs": "b"}}')
  await writeFile(join(cli.path, 'b.json'), '{"model": {"URLs": "a"}}')
  const refused = [{ name: 'a', problem: 'It refers to itself: a, b, a' }]
  cli.server.on('POST /api/bundles/import', { body: { bundles: [], refused } })

  const { code, stdout } = await cli.easel('bundles', 'import', '.', '--dry-run')

  expect({ code, stdout }).toEqual({ code: 1, stdout: 'a  refused: It refers to itself: a, b, a\n' })
  expect(cli.server.bodies('POST /api/bundles/import')).toMatchObject([
    { dryRun: true, manifests: [{ name: 'a' }, { name: 'b' }] },
  ])
})

const needs = {
  files: [
    {
      name: 'a.safetensors',
      nodes: ['4'],
      folder: 'loras',
      state: 'available',
      sources: [
        {
          wish: { source: 'hash', hash },
          file: { urls: ['https://models.example/a'], folder: 'loras', filename: 'a', gate: 'open' },
          foundBy: 'hash',
        },
      ],
      similar: ['b.safetensors'],
    },
  ],
  complete: false,
  fetchable: true,
  missingBytes: 2_048,
}

test('a workflow says what it lacks, and fetches it when told', async () => {
  await using cli = await startCli()
  const graph = { '4': { class_type: 'LoraLoader', inputs: { lora_name: 'a.safetensors' } } }
  await writeFile(join(cli.path, 'graph.json'), JSON.stringify(graph))
  cli.server.on('POST /api/models/needs', { body: needs })
  const download = aDownload({ status: 'completed' })
  cli.server.on('POST /api/models/needs/fetch', { status: 202, body: { needs, download, unfetched: [] } })

  const check = await cli.easel('needs', 'graph.json')
  const fetch = await cli.easel('needs', 'graph.json', '--fetch')

  expect(check.code).toBe(1)
  expect(check.stdout).toMatch(/^available +loras +a\.safetensors .*models\.example$/m)
  expect(check.stderr).toContain('the library has b.safetensors')
  expect(check.stderr).toContain('2.0 KiB to fetch')
  expect(fetch.code).toBe(0)
  expect(cli.server.bodies('POST /api/models/needs')).toEqual([{ workflow: graph }])
})

test('a job may fetch its models first', async () => {
  await using cli = await startCli()
  await writeFile(join(cli.path, 'graph.json'), '{"4": {"class_type": "LoraLoader", "inputs": {}}}')
  cli.server.on('POST /api/jobs', { status: 202, body: aJob() })

  const { code } = await cli.easel('run', 'graph.json', '--missing-models', 'fetch', '--no-wait')

  expect(code).toBe(0)
  expect(cli.server.bodies('POST /api/jobs')).toMatchObject([{ missingModels: 'fetch' }])
})

test('a token comes by stdin and is not shown', async () => {
  await using cli = await startCli()
  const view = { source: 'civitai', hasToken: true, hint: '1234' }
  cli.server.on('PUT /api/settings/tokens/civitai', { body: view })

  const { code, stdout, stderr } = await cli.tell('secret-token-1234\n', 'tokens', 'set', 'civitai')

  expect({ code, stdout }).toEqual({ code: 0, stdout: 'civitai  …1234\n' })
  expect(stderr).not.toContain('secret')
  expect(cli.server.bodies('PUT /api/settings/tokens/civitai')).toEqual([{ token: 'secret-token-1234' }])
})

test('limits are changed, and taken away', async () => {
  await using cli = await startCli()
  const settings = { maxConcurrent: 3, maxBytesPerSecond: null }
  cli.server.on('GET /api/downloads/settings', { body: settings })
  cli.server.on('PATCH /api/downloads/settings', { body: settings })

  const shown = await cli.easel('dl', 'settings')
  await cli.easel(
    'dl',
    'settings',
    '--rate',
    'none',
    '--hours',
    'mon-tue 08:00-18:00 2MiB',
    '--concurrent',
    '3',
  )

  expect(shown.stdout).toMatch(/^rate +no cap$/m)
  expect(cli.server.bodies('PATCH /api/downloads/settings')).toEqual([
    {
      maxBytesPerSecond: null,
      maxConcurrent: 3,
      schedule: [{ days: [1, 2], from: '08:00', to: '18:00', maxBytesPerSecond: 2 ** 21 }],
    },
  ])
})

test('many downloads are acted on at once', async () => {
  await using cli = await startCli()
  cli.server.on('POST /api/downloads/actions', { body: { changed: ['a', 'b'], unchanged: [] } })

  const { code, stdout } = await cli.easel('dl', 'pause', '--all')

  expect({ code, stdout }).toEqual({ code: 0, stdout: 'a\nb\n' })
  expect(cli.server.bodies('POST /api/downloads/actions')).toEqual([{ action: 'pause' }])
})

test('a GGUF file is described; a model file needs no command at all', async () => {
  await using cli = await startCli()
  const head = Buffer.alloc(24)
  head.write('GGUF')
  head.writeUInt32LE(3, 4)
  await writeFile(join(cli.path, 'castle.gguf'), Buffer.concat([head, Buffer.alloc(8)]))

  const { code, stdout } = await cli.easel('castle.gguf', '--json')

  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ format: 'gguf', tensorCount: 0 })
})

test('what a model file is is asked of the server when told, and kept beside it', async () => {
  await using cli = await startCli()
  const header = Buffer.from('{"w":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}')
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const bytes = Buffer.concat([length, header, Buffer.alloc(2)])
  await writeFile(join(cli.path, 'castle.safetensors'), bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  cli.server.on(`GET /api/models/by-hash/${sha256}`, { body: { model, version, fileId: '7' } })

  const found = await cli.easel('info', 'castle.safetensors', '--lookup', '--save-to', 'notes')
  const check = await cli.easel('info', 'castle.safetensors', '--hash', '--json')

  expect(found.stdout).toMatch(/^model +Castle \(civitai:4201\)$/m)
  expect(JSON.parse(check.stdout)).toMatchObject({
    sha256,
    autoV3: createHash('sha256').update(Buffer.alloc(2)).digest('hex').slice(0, 12).toUpperCase(),
  })
  expect(await readFile(join(cli.path, 'notes/castle.sha256'), 'utf8')).toBe(
    `${sha256}  castle.safetensors\n`,
  )
  expect(JSON.parse(await readFile(join(cli.path, 'notes/castle.json'), 'utf8'))).toMatchObject({
    match: { version: { id: '4202' } },
  })
})
