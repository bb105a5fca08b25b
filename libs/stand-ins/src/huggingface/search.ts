import { bearer, json, type Answer, type Call } from '../http/answer.ts'
import { HubFault } from './hub-fault.ts'
import { listedRepo } from './repo-json.ts'
import { isGranted } from './access.ts'
import type { HfRepo, HuggingFaceWorld } from '../world/huggingface-world.ts'

const sorts: Record<string, (repo: HfRepo) => number | string> = {
  createdAt: ({ createdAt }) => createdAt,
  downloads: ({ downloads }) => downloads,
  likes: ({ likes }) => likes,
  likes30d: ({ likes }) => likes,
  lastModified: ({ commits }) => commits[0]!.date,
  trendingScore: ({ trendingScore }) => trendingScore,
  num_parameters: ({ downloads }) => downloads,
  mainSize: ({ downloads }) => downloads,
  id: ({ id }) => id,
}

const known: ReadonlySet<string> = new Set([
  'search',
  'author',
  'filter',
  'pipeline_tag',
  'gated',
  'inference_provider',
  'apps',
  'num_parameters',
  'sort',
  'direction',
  'limit',
  'full',
  'config',
  'cardData',
  'expand',
  'expand[]',
  'cursor',
])
const mostPerPage = 1_000

/** A bare array; the next page only in the `Link` header. Names it does not know are refused, so that they show. */
export function searchModels(world: HuggingFaceWorld, call: Call): Answer {
  const { query } = call
  for (const name of query.keys()) if (!known.has(name)) throw bad(`Unrecognized key: ${name}`)
  const sort = query.get('sort') ?? 'trendingScore'
  if (!Object.hasOwn(sorts, sort)) throw bad(`Invalid sort: ${sort}`)
  if (!['-1', '1', null].includes(query.get('direction'))) throw bad('Invalid direction')
  const limit = Number(query.get('limit') ?? mostPerPage)
  if (!Number.isInteger(limit) || limit < 1 || limit > mostPerPage) throw bad('Invalid limit')
  const cursor = query.get('cursor')
  const start =
    cursor === null ? 0 : Number(Buffer.from(cursor, 'base64url').toString('latin1').split(':')[1])
  if (!Number.isInteger(start)) throw bad('Invalid cursor')

  const value = sorts[sort]!
  const ascending = query.get('direction') === '1'
  const found = world.repos
    .filter((repo) => fits(repo, call, world))
    .toSorted((one, other) => {
      const order = value(one) < value(other) ? 1 : value(one) > value(other) ? -1 : 0
      return ascending ? -order : order
    })
  const end = start + limit
  const shown = {
    full: query.get('full') === 'true',
    expand: [...query.getAll('expand'), ...query.getAll('expand[]')],
  }
  const items = found.slice(start, end).map((repo) => listedRepo(repo, shown))
  return json(200, items, end < found.length ? nextLink(call, end) : {})
}

function fits(repo: HfRepo, call: Call, world: HuggingFaceWorld): boolean {
  const { query } = call
  const search = query.get('search')?.toLowerCase()
  const task = query.get('pipeline_tag')
  const gated = query.get('gated')
  return (
    (!repo.private || isGranted(world, bearer(call), repo)) &&
    (search === undefined || repo.id.toLowerCase().includes(search)) &&
    [null, repo.author].includes(query.get('author')) &&
    (task === null || repo.pipelineTag === task) &&
    (gated === null || (gated === 'true') === (repo.gated !== false)) &&
    query.getAll('filter').every((tag) => repo.tags.includes(tag))
  )
}

function nextLink({ url }: Call, offset: number): Record<string, string> {
  const next = new URL(url)
  next.searchParams.set('cursor', Buffer.from(`page:${offset}`, 'latin1').toString('base64url'))
  return { link: `<${next.href}>; rel="next"` }
}

function bad(message: string): HubFault {
  return new HubFault(400, { message })
}
