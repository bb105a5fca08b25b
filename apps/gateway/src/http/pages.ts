import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, extname, join, normalize, sep } from 'node:path'
import { notFound } from '@easel/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const html = 'text/html; charset=utf-8'

/** The reference page: swagger-ui from our own disk, so that it works without the internet. */
export function serveReference(server: FastifyInstance, document: object): void {
  const text = JSON.stringify(document)
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('swagger-ui-dist/package.json'))
  server.get('/api/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(text),
  )
  server.get('/api/docs', { helmet: {} }, (_request, reply) => reply.type(html).send(referencePage))
  server.get('/api/docs/init.js', (_request, reply) => reply.type('text/javascript').send(referenceScript))
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
    server.get(`/api/docs/${file}`, (_request, reply) => sendFile(reply, join(folder, file)))
  }
}

const referencePage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Easel API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png"><link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="reference"></div><script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/init.js"></script></body></html>`

const referenceScript = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#reference', deepLinking: true, persistAuthorization: false })`

/** Until there is a web page: where to look. */
export function servePlainPage(server: FastifyInstance): void {
  server.get('/', { helmet: {} }, (_request, reply) => reply.type(html).send(plainPage))
}

const plainPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Easel</title></head>
<body><h1>Easel</h1><p>The server is running.</p><ul>
<li>The API is at <code>/api</code>: <a href="/api/docs">reference</a>, <a href="/api/openapi.json">OpenAPI document</a>.</li>
<li><a href="/readyz">Readiness</a> tells how its parts are.</li></ul></body></html>`

const types: Readonly<Record<string, string>> = {
  '.html': html,
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * A built web page. Paths that are no file are the page's own routes and get its index. What lies compressed beside a
 * file (`.br`, `.gz`) is sent in its place to who takes it.
 */
export function serveWeb(server: FastifyInstance, directory: string): void {
  const root = normalize(directory)
  const index = join(root, 'index.html')
  server.get('/', { helmet: {} }, (request, reply) => sendSmallest(request, reply, index))
  server.get('/*', { helmet: {} }, async (request, reply) => {
    const path = (request.params as { '*': string })['*']
    if (/^(api|comfy|v1)(\/|$)/.test(path)) throw notFound('route', 'ROUTE_NOT_FOUND')
    const file = join(root, normalize(`/${path}`))
    const known = !path.includes('\0') && file.startsWith(root + sep) && (await isFile(file))
    if (!known && extname(path) !== '') throw notFound('file', 'FILE_NOT_FOUND')
    // Built files carry the hash of their content in their name.
    if (known && path.startsWith('assets/'))
      reply.header('cache-control', 'public, max-age=31536000, immutable')
    return sendSmallest(request, reply, known ? file : index)
  })
}

const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const

async function sendSmallest(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  path: string,
): Promise<FastifyReply> {
  reply.header('vary', 'accept-encoding')
  const accepted = acceptedIn(headers['accept-encoding'])
  for (const { name, suffix } of encodings) {
    if (!accepted.has(name) || !(await isFile(path + suffix))) continue
    reply.header('content-encoding', name).type(typeOf(path))
    return sendFile(reply, path + suffix)
  }
  return sendFile(reply, path)
}

/** `br;q=0` is a refusal. */
function acceptedIn(header: string | string[] | undefined): ReadonlySet<string> {
  const offers = String(header ?? '')
    .toLowerCase()
    .split(',')
  return new Set(
    offers.filter((offer) => !/;\s*q=0(\.0*)?\s*$/.test(offer)).map((offer) => offer.split(';')[0]!.trim()),
  )
}

function typeOf(path: string): string {
  return types[extname(path)] ?? 'application/octet-stream'
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

async function sendFile(reply: FastifyReply, path: string): Promise<FastifyReply> {
  if (reply.getHeader('content-type') === undefined) reply.type(typeOf(path))
  if (reply.getHeader('cache-control') === undefined) reply.header('cache-control', 'no-cache')
  const { size } = await stat(path)
  reply.header('content-length', String(size))
  return reply.send(size > 64 * 1024 ? createReadStream(path) : await readFile(path))
}
