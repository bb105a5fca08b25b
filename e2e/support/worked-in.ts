import { waitFor } from '@easel/testing'
import { invertGraph, samplerGraph } from './graphs.ts'
import type { StandIns } from '@easel/stand-ins'
import type { Api, Json } from './api.ts'

const prompts = [
  'a lighthouse in a storm, oil on canvas',
  'the old harbour before the market opens',
  'an overgrown greenhouse at dawn, volumetric fog',
  'rooftops of a mountain town, paper craft',
  'two foxes in the snow, woodcut',
  'a tea house on stilts, lanterns, ink wash',
  'terraced fields after the rain, gouache',
  'the last tram crosses the bridge, long exposure',
  'a valley of windmills, risograph',
]

const shapes = [
  [768, 512],
  [512, 768],
  [640, 640],
  [896, 512],
  [512, 640],
  [640, 480],
] as const

/** A graph that paints this picture. */
export function pictureGraph(at: number, steps = 3): Json {
  const graph = samplerGraph(1_000 + at * 77, steps)
  const [width, height] = shapes[at % shapes.length]!
  Object.assign((graph['5'] as Json).inputs as Json, { width, height })
  Object.assign((graph['6'] as Json).inputs as Json, { text: prompts[at % prompts.length]! })
  return graph
}

/** What a studio looks like when somebody has worked in it, and much is under way. */
export async function workIn(api: Api, standIns: StandIns): Promise<void> {
  const sessions = [
    await beginSession(api, 'Posters for the fair'),
    await beginSession(api, 'Windmill valley'),
  ]
  const ids: string[] = []
  for (let at = 0; at < 27; at++) {
    const name = prompts[at % prompts.length]!
    ids.push(await api.submit(pictureGraph(at), { name, sessionId: sessions[at % sessions.length] }))
  }
  await fillLibrary(api)
  const assets: string[] = []
  for (const id of ids) assets.push((await api.finished(id, 60_000)).outputs[0].assetId as string)
  for (const [at, asset] of assets.entries()) await judge(api, asset, at)
  await collect(api, assets.slice(0, 3))
  await fail(api)
  await fetchSlowly(api, standIns)
  await api.send('PATCH', '/api/auth/me', { maxNsfw: 'r' })
  await api.submit(samplerGraph(1, 4), { name: 'Final render of the poster', labels: ['a100'] })
}

/** Runs for longer than anybody looks. */
export async function runOn(api: Api, more: Json): Promise<void> {
  const id = await api.submit(pictureGraph(4, 10_000), { name: 'Print of the foxes, very fine', ...more })
  await waitFor(async () => ((await api.get(`/api/jobs/${id}`)).body.progress?.step ?? 0) > 20, {
    timeoutMs: 30_000,
    describe: 'the twentieth step',
  })
}

export async function beginSession(api: Api, title: string): Promise<string> {
  const { body } = await api.send('POST', '/api/sessions', { kind: 'workflow', title })
  return body.id as string
}

async function fillLibrary(api: Api): Promise<void> {
  for (const modelId of ['100530', '100326', '100258'])
    await api.send('POST', '/api/downloads', { source: 'civitai', modelId })
  await waitFor(async () => ((await api.get('/api/library/files')).body.items as Json[]).length >= 4, {
    timeoutMs: 60_000,
    describe: 'the files of three models, beside the one of the simulator',
  }).catch(() => undefined)
}

async function collect(api: Api, baseImages: string[]): Promise<void> {
  const { body } = await api.send('GET', '/api/library/files')
  const loras = (body.items as Json[]).filter(({ folder }) => folder === 'loras')
  await api.send('POST', '/api/collections', {
    name: 'Lantern light',
    description: 'Warm scenes for the posters of the fair.',
    prompt: 'lantern light, warm paper texture',
    tags: ['poster'],
    entries: loras.map(({ id }) => ({
      lora: { source: 'library', libraryFileId: id as string },
      weight: 0.8,
      baseImages,
    })),
  })
}

async function judge(api: Api, asset: string, at: number): Promise<void> {
  if (at % 4 !== 0) return
  await api.send('PATCH', `/api/assets/${asset}`, {
    rating: 3 + (at % 3),
    favorite: at % 8 === 0,
    tags: at % 3 === 0 ? ['poster', 'print'] : ['study'],
  })
}

async function fail(api: Api): Promise<void> {
  const form = new FormData()
  form.set('file', new Blob(['this is no picture']), 'moss.png')
  const { body } = await api.send('POST', '/api/assets', form)
  await api.finished(await api.submit(invertGraph(`asset:${body.id}`), { name: 'Seamless tile of moss' }))
  await api.send('DELETE', `/api/assets/${body.id}`)
}

/** Two that come slowly, one that waits for its turn to go on, one that failed. */
async function fetchSlowly(api: Api, standIns: StandIns): Promise<void> {
  const models = [
    ['Ember Cinematic XL', 96],
    ['Quiet Pastel XL', 64],
    ['Harbour Light XL', 48],
  ] as const
  standIns.fault({ kind: 'drip', server: 'delivery', bytesPerSecond: 90_000 })
  const ids: string[] = []
  for (const [name, megabytes] of models) {
    const files = [{ bytes: aTensor(megabytes * 1e6) }]
    const { id } = standIns.civitai.world.add({ name, type: 'Checkpoint', baseModel: 'SDXL 1.0', files })
    const { body } = await api.send('POST', '/api/downloads', { source: 'civitai', modelId: String(id) })
    ids.push(body.id as string)
  }
  await api.send('POST', `/api/downloads/${ids[2]}/pause`)
  const url = `${standIns.civitai.url}/gone/detail_tweaker.safetensors`
  await api.send('POST', '/api/downloads', { url, folder: 'loras' })
}

/** A safetensors file of about so many bytes. */
function aTensor(bytes: number): Buffer {
  const header = JSON.stringify({ weight: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } })
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(bytes, length)])
}
