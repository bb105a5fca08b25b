import { bearer, json, text, type Answer, type Call } from '../http/answer.ts'
import { fileTypes } from '../world/civitai-shape.ts'
import { download } from './download.ts'
import { imagesOf } from './images.ts'
import { listModels } from './list-models.ts'
import { enums, QueryFault, readListQuery } from './list-query.ts'
import { detailedModel, detailedVersion, miniVersion } from './model-json.ts'
import type { CivitaiWorld } from '../world/civitai-world.ts'
import type { CivitaiOptions } from './options.ts'

const cached = { 'cache-control': 'public, s-maxage=300, stale-while-revalidate=150' }

export function answerCivitai(options: CivitaiOptions, call: Call): Answer {
  try {
    const file = /^\/api\/download\/models\/(.+)$/.exec(call.path)
    if (file) return download(options, call, file[1]!)
    const route = /^\/api\/v1\/(.+)$/.exec(call.path)?.[1]
    return route === undefined ? text(404, 'Not found') : api(options, call, route)
  } catch (error) {
    if (error instanceof QueryFault) return json(error.status, error.body)
    throw error
  }
}

function api(options: CivitaiOptions, call: Call, route: string): Answer {
  const posts = route === 'model-versions/by-hash' || route === 'model-versions/by-hash/ids'
  if (call.method !== (posts ? 'POST' : 'GET')) return json(405, { error: 'Method not allowed' })
  const token = bearer(call) ?? call.query.get('token') ?? undefined
  const authorized = token !== undefined && options.tokens.has(token)
  const { origin } = call.url
  if (route === 'models') {
    const query = readListQuery(call.query, authorized)
    const listed = { models: options.world.models, query, call, origin, combined: options.combinedSearch() }
    return json(200, listModels(listed), cached)
  }
  if (route === 'enums') return json(200, { ...enums, ModelFileType: fileTypes }, cached)
  if (route === 'me')
    return authorized ? json(200, { id: 1, username: 'standin', tier: 'free' }) : unauthorized()
  if (route === 'images') return json(200, imagesOf(options.world, call), cached)
  if (route === 'tags') return json(200, named(call, tagsOf(options.world), 'name'), cached)
  if (route === 'creators') return json(200, named(call, creatorsOf(options.world), 'username'), cached)
  if (posts) return byHashes(options, call, route.endsWith('/ids'))
  const [kind, ...rest] = route.split('/')
  if (kind === 'models' && rest.length === 1) return oneModel(options, rest[0]!, origin)
  if (kind === 'model-versions') return versionRoute(options, rest, origin)
  return text(404, 'Not found')
}

function oneModel({ world }: CivitaiOptions, id: string, origin: string): Answer {
  const number = numberOf(id)
  const model = world.models.find((each) => each.id === number)
  return model
    ? json(200, detailedModel(model, origin), cached)
    : json(404, { error: `No model with id ${number}` })
}

function versionRoute({ world }: CivitaiOptions, rest: readonly string[], origin: string): Answer {
  const missing = json(404, { error: 'Model not found' })
  if (rest[0] === 'by-hash' && rest.length === 2) {
    const found = world.findByHash(rest[1]!)
    const hourly = { 'cache-control': 'public, s-maxage=3600' }
    return found ? json(200, detailedVersion(found.model, found.version, origin), hourly) : missing
  }
  const mini = rest[0] === 'mini'
  const found = world.findVersion(numberOf(rest[mini ? 1 : 0] ?? ''))
  if (!found) return missing
  const view = mini ? miniVersion : detailedVersion
  return json(200, view(found.model, found.version, origin), cached)
}

function byHashes({ world }: CivitaiOptions, call: Call, idsOnly: boolean): Answer {
  const hashes: unknown = JSON.parse(call.body.toString('utf8'))
  const most = idsOnly ? 10_000 : 100
  if (!Array.isArray(hashes) || hashes.length > most || !hashes.every(isSha256)) {
    return json(400, { error: { name: 'ZodError', message: '[{"path":[]}]' } })
  }
  const found = hashes.flatMap((hash: string) => {
    const match = world.findByHash(hash)
    return match ? [{ ...match, hash: hash.toUpperCase() }] : []
  })
  const answers = found.map(({ model, version, hash }) =>
    idsOnly
      ? { modelVersionId: version.id, modelId: model.id, hash }
      : detailedVersion(model, version, call.url.origin),
  )
  return json(200, answers)
}

function named(call: Call, all: readonly Record<string, unknown>[], key: string): unknown {
  const wanted = (call.query.get('query') ?? '').toLowerCase()
  const limit = Number(call.query.get('limit') ?? 20) || all.length
  const page = Number(call.query.get('page') ?? 1)
  const found = all.filter((each) => String(each[key]).toLowerCase().includes(wanted))
  const items = found.slice((page - 1) * limit, page * limit)
  const totalPages = Math.ceil(found.length / limit)
  return { items, metadata: { totalItems: found.length, currentPage: page, pageSize: limit, totalPages } }
}

function tagsOf({ models }: CivitaiWorld): Record<string, unknown>[] {
  return [...new Set(models.flatMap(({ tags }) => tags))].toSorted().map((name) => ({ name, link: '' }))
}

function creatorsOf({ models }: CivitaiWorld): Record<string, unknown>[] {
  const names = [...new Set(models.map(({ creator }) => creator.username))].toSorted()
  return names.map((username) => ({
    username,
    modelCount: models.filter(({ creator }) => creator.username === username).length,
    link: '',
    image: null,
  }))
}

function numberOf(value: string): number {
  const number = Number(value)
  if (value === '' || !Number.isInteger(number)) {
    throw new QueryFault(400, { error: { name: 'ZodError', message: '[{"path":["id"]}]' } })
  }
  return number
}

function isSha256(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-fA-F]{64}$/.test(value)
}

function unauthorized(): Answer {
  return json(401, { error: 'Unauthorized' })
}
