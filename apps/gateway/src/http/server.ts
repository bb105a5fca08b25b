import { randomUUID } from 'node:crypto'
import helmet from '@fastify/helmet'
import cors from '@fastify/cors'
import multipart from '@fastify/multipart'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { currentTrace } from '@easel/observability'
import { notFound, stringifyJson } from '@easel/protocol'
import { parseBody } from './json-body.ts'
import { fromFastify, problemOf, retryAfter, statusOf } from './problem.ts'
import type { IncomingHttpHeaders } from 'node:http'
import type { Logger, Metrics } from '@easel/observability'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayConfig } from '../config.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The JSON body as it came, for the fingerprint of an idempotent request. */
    rawBody: string | undefined
  }
}

/** Nest's Fastify, without Nest's own answers to what is not found or fails: problem documents are ours. */
class GatewayAdapter extends FastifyAdapter {
  override setNotFoundHandler() {
    return this.instance
  }

  override setErrorHandler() {
    return this.instance
  }
}

const second = 1_000
const bodyMs = 60 * second
/** Longer than the longest wait for a job. */
const idleMs = 120 * second

export function makeAdapter(config: GatewayConfig): FastifyAdapter {
  return new GatewayAdapter({
    bodyLimit: config.limits.jsonBytes,
    // A header of many kilobytes, or one that drips in, is no browser's.
    connectionTimeout: idleMs,
    requestTimeout: 0,
    keepAliveTimeout: 72 * second,
    http: { headersTimeout: 20 * second, maxHeaderSize: 16 * 1024, connectionsCheckingInterval: 5 * second },
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: true },
    // A stop lets what is under way end.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (cause: Error, request: FastifyRequest, reply: FastifyReply) =>
      void answerError(cause, request, reply),
    clientErrorHandler,
    skipMiddie: true,
    multipart: false,
  })
}

export type ServerParts = { readonly config: GatewayConfig; readonly log: Logger; readonly metrics: Metrics }

/** Everything that holds for all routes. */
export async function prepareServer(server: FastifyInstance, parts: ServerParts): Promise<void> {
  const { config, log } = parts
  // For pages; the answers of the API have their few headers from `observe`, at a tenth of the cost.
  await server.register(helmet, {
    global: false,
    contentSecurityPolicy: {
      directives: {
        'upgrade-insecure-requests': null,
        // What shows how a model paints lies at its source.
        'img-src': ["'self'", 'data:', 'blob:', 'https:'],
        'media-src': ["'self'", 'blob:', 'https:'],
        'style-src': ["'self'", "'unsafe-inline'"],
        'font-src': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // Only where browsers come by https; elsewhere it would lock them out.
    strictTransportSecurity: config.publicUrl?.startsWith('https:') ? { maxAge: 31_536_000 } : false,
  })
  await server.register(cors, {
    origin: config.corsOrigins.length > 0 ? [...config.corsOrigins] : false,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['etag', 'location', 'retry-after', 'content-range', 'x-trace-id'],
    maxAge: 600,
  })
  await server.register(multipart, {
    throwFileSizeLimit: false,
    limits: {
      files: 1,
      fields: 20,
      fieldNameSize: 100,
      fieldSize: 64 * 1024,
      parts: 30,
      headerPairs: 50,
      // It cuts off in silence: the byte beyond is what the store refuses.
      fileSize: config.limits.uploadBytes + 1,
    },
  })
  server.decorateRequest('caller', undefined)
  server.decorateRequest('traceId', undefined)
  server.decorateRequest('rawBody', undefined)
  server.removeContentTypeParser(['application/json', 'text/plain'])
  server.addContentTypeParser(
    /^application\/(json|[\w.+-]+\+json)\b/i,
    { parseAs: 'string' },
    async (request: FastifyRequest, text: string) => {
      request.rawBody = text
      return parseBody(text)
    },
  )
  // An upload's body is read by who stores it; every other route refuses it.
  server.addContentTypeParser(
    /^(image|video|audio)\/|^application\/octet-stream\b/i,
    async (_request: FastifyRequest, body: unknown) => body,
  )
  limitBodyTime(server)
  server.setReplySerializer(stringifyJson)
  server.setErrorHandler((cause, request, reply) => {
    logError(log, cause, request)
    return answerError(cause, request, reply)
  })
  server.setNotFoundHandler(async (request, reply) =>
    answerError(notFound('route', 'ROUTE_NOT_FOUND'), request, reply),
  )
  observe(server, parts)
}

/** JSON that drips in must not hold a socket for ever. Uploads may take their time, while bytes come. */
function limitBodyTime(server: FastifyInstance): void {
  server.addHook('preParsing', async (request) => {
    if (request.routeOptions.config.route?.consumes) return
    const timer = setTimeout(() => request.raw.destroy(), bodyMs)
    request.raw.once('close', () => clearTimeout(timer))
    request.raw.once('end', () => clearTimeout(timer))
  })
}

function observe(server: FastifyInstance, { config, metrics }: ServerParts): void {
  const seconds = metrics.histogram('http_request_seconds', 'Requests by route and status.', {
    labels: ['method', 'route', 'status'],
  })
  const headers = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': config.corsOrigins.length > 0 ? 'cross-origin' : 'same-origin',
    ...(config.publicUrl?.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000' }),
  }
  server.addHook('onRequest', (request, reply, done) => {
    // The handler runs after the body has come, out of any context of now: the trace goes by the header.
    const trace = traceOf(request.headers)
    request.headers.traceparent = trace
    request.traceId = trace.slice(3, 35)
    // A page has its own, from helmet.
    if (!('helmet' in request.routeOptions.config)) reply.headers(headers)
    reply.header('x-trace-id', request.traceId)
    done()
  })
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    seconds.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1_000,
    )
    done()
  })
}

const traceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The caller's trace, the one an instrumented server has begun, or a new one. */
function traceOf({ traceparent: header }: IncomingHttpHeaders): string {
  if (typeof header === 'string' && traceparent.test(header)) return header
  const active = currentTrace()
  if (active) return `00-${active.traceId}-${active.spanId}-01`
  return `00-${randomUUID().replaceAll('-', '')}-${randomUUID().replaceAll('-', '').slice(0, 16)}-01`
}

/** Of a request that no hook has seen: a socket, or what failed before. */
export function traceIdOf(headers: IncomingHttpHeaders): string {
  return traceOf(headers).slice(3, 35)
}

function answerError(cause: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = fromFastify(cause)
  const seconds = retryAfter(error)
  if (seconds !== undefined) reply.header('retry-after', String(seconds))
  if (statusOf(error) === 401) reply.header('www-authenticate', 'Bearer')
  // Hung up on, a client that still sends sees a broken pipe and not why. Node reads the rest and forgets it.
  if (statusOf(error) === 413) reply.removeHeader('connection')
  return reply
    .code(statusOf(error))
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(stringifyJson(problemOf(error, request.traceId ?? traceIdOf(request.headers))))
}

function logError(log: Logger, cause: unknown, request: FastifyRequest): void {
  const error = fromFastify(cause)
  const fields = {
    err: error.extra.cause ?? error,
    route: request.routeOptions.url,
    traceId: request.traceId,
  }
  if (error.code === 'internal') log.error(fields, 'a request failed')
  else if (statusOf(error) >= 500) log.warn(fields, 'a request could not be served')
}

/** What is no HTTP gets an answer in HTTP all the same, then nothing. */
function clientErrorHandler(
  this: unknown,
  cause: Error & { code?: string },
  socket: import('node:net').Socket,
): void {
  if (cause.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status =
    cause.code === 'HPE_HEADER_OVERFLOW' ? 431 : cause.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const title = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }[status]
  const body = JSON.stringify({ type: 'about:blank', title, status, code: 'MALFORMED', detail: title })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  )
}
