import { createHash } from 'node:crypto'
import { decode } from '@easel/bus'
import { runWithTrace } from '@easel/observability'
import { AppError, Done, notFound, stringifyJson } from '@easel/protocol'
import { isUuid } from '../identity/caller.ts'
import { fieldsOf } from '../openapi/schema.ts'
import { spaceOf } from './gate.ts'
import { malformed } from './problem.ts'
import { answered } from './route.ts'
import { readQuery } from './query.ts'
import type { MessageClass } from '@easel/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Idempotency, Outcome } from '../idempotency/idempotency.service.ts'
import type { Caller } from '../identity/caller.ts'
import type { Gate } from './gate.ts'
import type { Call, Route } from './route.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: Route
  }
}

export type RouteServing = {
  readonly gate: Gate
  readonly idempotency: Idempotency
  /** Told of what an admin did in a space that is not the admin's own. */
  readonly onForeignAct: (call: ForeignAct) => Promise<void>
}

export type ForeignAct = {
  readonly caller: Caller
  readonly address: string
  readonly action: string
  readonly target: string
}

export function serveRoute(server: FastifyInstance, route: Route, serving: RouteServing): void {
  const { gate, idempotency } = serving
  const perform = async (call: Call<object, object>) => {
    const outcome = await performRoute(route, call)
    const act = foreignAct(route, call, outcome.body)
    if (act) await serving.onForeignAct(act)
    return outcome
  }
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const call = readCall(route, request, reply)
    if (call.caller) await gate.requireSpaces(call.caller, spacesOf(call))
    const key = request.headers['idempotency-key']
    if (!route.creates || key === undefined) return send(reply, await perform(call))
    const once = {
      key: readKey(key),
      fingerprint: fingerprintOf(request, route.secrets),
      userId: call.actor.userId,
    }
    return send(reply, await idempotency.run(once, () => perform(call)))
  }
  server.route({
    method: route.produces && route.method === 'GET' && !route.stream ? ['GET', 'HEAD'] : route.method,
    url: `/api${route.path}`,
    exposeHeadRoute: route.method === 'GET' && !route.stream && !route.produces,
    config: { route },
    onRequest: (request) => gate.admit(request, route.access),
    handler: (request, reply) => runWithTrace(request.headers, () => answer(request, reply)),
  })
}

async function performRoute(route: Route, call: Call<object, object>): Promise<Outcome> {
  const { reply } = call
  const answer = await route.handle(call)
  if (answer === answered) return { status: reply.statusCode, answered: true }
  const chosen = call.chosen.status ?? route.status
  if (answer === undefined || answer instanceof Done || !route.answer) return { status: chosen ?? 204 }
  return { status: chosen ?? 200, body: answer }
}

function foreignAct(route: Route, call: Call<object, object>, body: unknown): ForeignAct | undefined {
  if (route.method === 'GET' || call.actor?.role !== 'admin') return undefined
  const { spaceId, id } = (body ?? {}) as { spaceId?: unknown; id?: unknown }
  if (typeof spaceId !== 'string' || spaceId in call.actor.spaces) return undefined
  const action = `admin.${route.method.toLowerCase()}${route.path.replaceAll('/', '.')}`
  return {
    caller: call.caller,
    address: call.request.ip,
    action,
    target: typeof id === 'string' ? id : spaceId,
  }
}

function send(reply: FastifyReply, { status, body, text, answered: done }: Outcome): FastifyReply {
  if (done) return reply
  reply.code(status)
  if (text === undefined) return reply.send(body)
  return reply.header('idempotency-replayed', 'true').type('application/json; charset=utf-8').send(text)
}

function readCall(route: Route, request: FastifyRequest, reply: FastifyReply): Call<object, object> {
  const params = request.params as Record<string, string>
  for (const [name, value] of Object.entries(params)) {
    if (!route.words?.includes(name) && !isUuid(value)) throw missing(route)
  }
  const spaceId = spaceOf(request)
  const given = route.given?.(request) ?? {}
  return {
    caller: request.caller as Call['caller'],
    actor: request.caller?.actor as Call['actor'],
    params,
    body: readMessage(route, route.body, {
      plain: request.body,
      given,
      spaceId,
      what: 'body',
      isForm: request.isMultipart(),
    }),
    query: readMessage(route, route.query, { plain: request.query, given, spaceId, what: 'query' }),
    spaceId,
    chosen: {},
    request,
    reply,
  }
}

function spacesOf({ spaceId, body, query }: Call<object, object>): (string | undefined)[] {
  return [spaceId, ...[body, query].map((message) => (message as { spaceId?: string }).spaceId)]
}

type Source = {
  readonly plain: unknown
  readonly given: Record<string, unknown>
  readonly spaceId: string | undefined
  readonly what: 'body' | 'query'
  readonly isForm?: boolean
}

function readMessage(route: Route, message: MessageClass | undefined, source: Source): object {
  if (!message) return {}
  const { plain = source.what === 'query' || route.optionalBody ? {} : undefined } = source
  if (source.what === 'body' && (isStream(plain) || source.isForm)) {
    throw new AppError('invalid', 'Send JSON here', { reason: 'MEDIA_TYPE' })
  }
  if (plain === undefined) throw malformed('A JSON body is needed')
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw new AppError('invalid', 'Expected a JSON object', { reason: 'INVALID_INPUT' })
  }
  const own = source.what === 'query' ? readQuery(message, plain as Record<string, unknown>) : plain
  const faults = (route.hidden ?? [])
    .filter((name) => Object.hasOwn(own, name))
    .map((path) => ({ path, message: 'is not a known field' }))
  if (faults.length > 0) {
    throw new AppError('invalid', `${faults[0]?.path}: is not a known field`, {
      reason: 'INVALID_INPUT',
      faults,
    })
  }
  refuseNul(message, own)
  const told = withoutNulls(message, own)
  const takesSpace = source.spaceId !== undefined && fieldsOf(message).some(({ name }) => name === 'spaceId')
  const fromHeader = takesSpace ? { spaceId: source.spaceId } : {}
  try {
    return decode(message, { ...fromHeader, ...told, ...source.given })
  } catch (cause) {
    throw isOfPath(cause, route) ? missing(route) : cause
  }
}

/** A word of the path that is none of those there are names nothing that is there. */
function isOfPath(cause: unknown, { words = [] }: Route): boolean {
  const faults = cause instanceof AppError && cause.code === 'invalid' ? (cause.extra.faults ?? []) : []
  return faults.length > 0 && faults.every(({ path }) => words.includes(path))
}

/**
 * Many clients send null for what they leave out, and no handler expects it: it goes, but where the message says
 * that it means something (`static nullable`).
 */
function withoutNulls(message: MessageClass & Nullable, own: object): object {
  const entries = Object.entries(own)
  if (!entries.some(([, value]) => value === null)) return own
  const meant = [...(message.json ?? []), ...(message.nullable ?? [])]
  const optional = new Set(fieldsOf(message).flatMap(({ name, required }) => (required ? [] : name)))
  const isLeftOut = (name: string) => optional.has(name) && !meant.includes(name)
  return Object.fromEntries(entries.filter(([name, value]) => value !== null || !isLeftOut(name)))
}

type Nullable = { readonly json?: readonly string[]; readonly nullable?: readonly string[] }

/** No text of Postgres holds one. What is free JSON its owner looks through. */
function refuseNul(message: MessageClass & { readonly json?: readonly string[] }, own: object): void {
  const faults = Object.entries(own)
    .filter(([name, value]) => !message.json?.includes(name) && hasNul(value))
    .map(([path]) => ({ path, message: 'must not hold a NUL character' }))
  if (faults.length === 0) return
  const detail = `${faults[0]?.path}: ${faults[0]?.message}`
  throw new AppError('invalid', detail, { reason: 'INVALID_INPUT', faults })
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0')
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNul)
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

/** What has no id of ours cannot be there. */
function missing(route: Route): AppError {
  const reason = route.reasons?.find((name) => name.endsWith('_NOT_FOUND')) ?? 'NOT_FOUND'
  return notFound(reason.replace('_NOT_FOUND', '').toLowerCase(), reason)
}

function readKey(key: string | readonly string[]): string {
  if (typeof key === 'string' && key.length >= 1 && key.length <= 255) return key
  throw malformed('An Idempotency-Key has 1 to 255 letters')
}

/** A short password could be guessed from the hash of a body that is known otherwise. */
function withoutSecrets(body: unknown, secrets: readonly string[]): string {
  return stringifyJson({
    ...(body as object),
    ...Object.fromEntries(secrets.map((name) => [name, undefined])),
  })
}

/** What makes two requests the same one. A body that is streamed is known by its length only. */
export function fingerprintOf(request: FastifyRequest, secrets?: readonly string[]): string {
  const { method, url, headers } = request
  const body = secrets
    ? withoutSecrets(request.body, secrets)
    : (request.rawBody ?? headers['content-length'] ?? '')
  return createHash('sha256')
    .update(`${method} ${url} ${String(headers['x-space'] ?? '')}\n`)
    .update(body)
    .digest('hex')
}
