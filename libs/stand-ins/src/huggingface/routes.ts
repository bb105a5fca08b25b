import { bearer, json, redirect, text, type Answer, type Call } from '../http/answer.ts'
import { isGranted } from './access.ts'
import { HubFault } from './hub-fault.ts'
import { infoOf } from './repo-json.ts'
import { resolveFile, cachedFile } from './resolve.ts'
import { searchModels } from './search.ts'
import { pathsInfo, tree } from './tree.ts'
import type { HfCommit, HfRepo, HuggingFaceWorld } from '../world/huggingface-world.ts'
import type { HubOptions } from './access.ts'

export function answerHuggingFace(options: HubOptions, call: Call): Answer {
  const limits = {
    'x-request-id': 'Root=stand-in',
    ratelimit: '"api";r=499;t=300',
    'ratelimit-policy': '"fixed window";"api";q=500;w=300',
  }
  try {
    checkToken(options.world, call)
    const answer = route(options, call)
    return { ...answer, headers: { ...limits, ...answer.headers } }
  } catch (error) {
    if (!(error instanceof HubFault)) throw error
    const { status, code, message, plain } = error
    const headers = { ...limits, ...(code && { 'x-error-code': code }), 'x-error-message': message }
    return plain ? text(status, message, headers) : json(status, { error: message }, headers)
  }
}

function route(options: HubOptions, call: Call): Answer {
  const parts = call.path.split('/').slice(1).map(decodeURIComponent)
  if (parts[0] !== 'api') return resolveRoute(options, call, parts)
  if (parts[1] === 'whoami-v2') return whoami(call)
  if (parts[1] === 'resolve-cache') return cachedFile(options.world, call, parts.slice(3))
  if (parts[1] !== 'models') throw new HubFault(404, { message: 'Not found' })
  if (parts.length === 2) return searchModels(options.world, call)
  return repoRoute(options, call, parts.slice(2))
}

/** `owner/name` or an old name without an owner, then what is asked of it. */
function repoRoute(options: HubOptions, call: Call, parts: readonly string[]): Answer {
  const verbs = ['revision', 'tree', 'paths-info']
  const short = parts.length === 1 || verbs.includes(parts[1]!)
  const id = parts.slice(0, short ? 1 : 2).join('/')
  const [verb, revision, ...below] = parts.slice(short ? 1 : 2)
  const moved = options.world.renamed.get(id)
  if (moved) {
    const rest = call.path.slice(call.path.indexOf(id) + id.length)
    return redirect(307, `/api/models/${moved}${rest}${call.url.search}`)
  }
  const repo = visibleRepo(options.world, call, id)
  const commit = commitOf(repo, revision ?? 'main')
  if (verb === undefined || verb === 'revision') return json(200, infoOf(repo, commit, call.query))
  if (verb === 'tree') return tree({ repo, commit, call, below: below.join('/'), pageSize: options.treePage })
  if (verb === 'paths-info' && call.method === 'POST') return pathsInfo(commit, call)
  throw new HubFault(404, { message: 'Not found' })
}

function resolveRoute(options: HubOptions, call: Call, parts: readonly string[]): Answer {
  const at = parts.indexOf('resolve')
  if (at < 1 || at > 2) throw new HubFault(404, { message: 'Not found' })
  const id = parts.slice(0, at).join('/')
  const moved = options.world.renamed.get(id)
  if (moved) return redirect(307, `/${moved}/${call.path.slice(id.length + 2)}`)
  const repo = visibleRepo(options.world, call, id)
  const commit = commitOf(repo, parts[at + 1] ?? 'main')
  return resolveFile(options, call, { repo, commit, path: parts.slice(at + 2).join('/') })
}

/** Missing and private look alike on purpose, and both like "log in" to those without a token. */
function visibleRepo(world: HuggingFaceWorld, call: Call, id: string): HfRepo {
  const repo = world.find(id)
  const token = bearer(call)
  if (repo && (!repo.private || isGranted(world, token, repo))) return repo
  throw new HubFault(token ? 404 : 401, { code: 'RepoNotFound', message: 'Repository not found' })
}

function commitOf(repo: HfRepo, revision: string): HfCommit {
  const sha = Object.hasOwn(repo.refs, revision) ? repo.refs[revision] : revision
  const commit = repo.commits.find(
    (each) => each.sha === sha || (revision.length >= 7 && each.sha.startsWith(revision)),
  )
  if (commit) return commit
  throw new HubFault(404, { code: 'RevisionNotFound', message: `Invalid rev id: ${revision}` })
}

/** A wrong token is refused even where none is needed. */
function checkToken({ grants }: HuggingFaceWorld, call: Call): void {
  const token = bearer(call)
  if (token !== undefined && !grants.has(token)) {
    throw new HubFault(401, { message: 'Invalid credentials in Authorization header' })
  }
}

function whoami(call: Call): Answer {
  const token = bearer(call)
  if (token === undefined) throw new HubFault(401, { message: 'Invalid username or password.' })
  const accessToken = { displayName: 'stand-in', role: 'read', createdAt: '2025-01-01T00:00:00.000Z' }
  return json(200, {
    type: 'user',
    id: 'stand-in',
    name: 'standin',
    fullname: 'Stand In',
    isPro: false,
    orgs: [],
    auth: { type: 'access_token', accessToken },
  })
}
