import { fieldsOf } from './schema.ts'
import type { MessageClass } from '@easel/protocol'
import type { Access, Controller, Route } from '../http/route.ts'
import type { Schema } from './schema.ts'

type Json = Record<string, unknown>

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key: `esl_…`' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  session: { type: 'apiKey', in: 'cookie', name: 'easel_session' },
}

/** The OpenAPI document of the routes: nothing in it is written a second time. */
export function writeDocument(controllers: readonly Controller[], version: string): Json {
  const schemas = new Schemas()
  const paths: Record<string, Json> = {}
  for (const { area, routes } of controllers) {
    for (const route of routes) {
      const path = `/api${route.path.replaceAll(/:(\w+)/g, '{$1}')}`
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(area, route, schemas) }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Easel',
      version,
      description:
        'Times are ISO 8601 UTC, sizes bytes. Errors are problem documents (RFC 9457) whose `code` is stable. `X-Space` (id or short name) chooses the space; the default is the personal one.',
    },
    paths,
    components: { schemas: { Problem: problem, ...schemas.all }, securitySchemes },
  }
}

function operationOf(area: string, route: Route, schemas: Schemas): Json {
  const { access, summary, description, reasons = [] } = route
  const needs = needsOf(access)
  const names = reasons.length > 0 ? [`Errors: ${reasons.map((name) => `\`${name}\``).join(', ')}.`] : []
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)]
  return {
    tags: [area],
    operationId: operationId(route),
    summary,
    description: [description, ...needs, ...names].filter(Boolean).join('\n\n'),
    ...(parameters.length > 0 && { parameters }),
    ...requestBody(route, schemas),
    responses: responsesOf(route, schemas),
    security: access === 'public' ? [] : [{ bearer: [] }, { apiKey: [] }, { session: [] }],
  }
}

function needsOf(access: Access): string[] {
  if (access === 'public' || access === 'signed-in') return []
  if (access === 'account') return ['Needs a log-in, or a key with every scope.']
  return [`Needs the scope \`${access}\`.`]
}

/** `POST /jobs/:id/cancel` → `postJobsIdCancel`. */
export function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter(Boolean)
  return method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('')
}

function pathParameters({ path, words = [] }: Route): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: words.includes(name) ? { type: 'string' } : { type: 'string', format: 'uuid' },
  }))
}

function queryParameters({ query, hidden = [] }: Route): Json[] {
  if (!query) return []
  return fieldsOf(query)
    .filter(({ name }) => !hidden.includes(name))
    .map(({ name, schema, required }) => ({ name, in: 'query', required, schema }))
}

function headerParameters({ headers = {}, body, query, creates }: Route): Json[] {
  const all: Record<string, string> = { ...headers }
  const takesSpace = [body, query].some((message) => message && hasSpace(message))
  if (takesSpace) all['X-Space'] = 'Id or short name of the space.'
  if (creates) all['Idempotency-Key'] = 'The same key gives the first answer, for 24 hours.'
  return Object.entries(all).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }))
}

function hasSpace(message: MessageClass): boolean {
  return fieldsOf(message).some(({ name }) => name === 'spaceId')
}

function requestBody({ body, hidden, consumes, optionalBody = false }: Route, schemas: Schemas): Json {
  const binary = Object.fromEntries(
    (consumes ?? []).map((type) => [type, { schema: type === 'multipart/form-data' ? upload : bytes }]),
  )
  const json = body && { 'application/json': { schema: schemas.input(body, hidden ?? []) } }
  const content = { ...json, ...binary }
  return Object.keys(content).length > 0 ? { requestBody: { required: !optionalBody, content } } : {}
}

const bytes = { type: 'string', format: 'binary' }
const upload = { type: 'object', required: ['file'], properties: { file: bytes } }

function responsesOf(route: Route, schemas: Schemas): Json {
  const { answer, produces, status } = route
  const content = {
    ...(answer && { 'application/json': { schema: schemas.output(answer) } }),
    ...Object.fromEntries((produces ?? []).map((type) => [type, { schema: bytes }])),
  }
  const good = String(status ?? (answer || produces ? 200 : 204))
  const described = { description: 'Done', ...(Object.keys(content).length > 0 && { content }) }
  const also = route.path === '/jobs' && route.method === 'POST' ? { 200: described } : {}
  return {
    [good]: described,
    ...also,
    default: {
      description: 'A problem document',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  }
}

const problem: Schema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable name, such as JOB_NOT_FOUND.' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
    details: { type: 'object', additionalProperties: true },
    traceId: { type: 'string' },
  },
}

/** The schemas of the message classes, each once. */
class Schemas {
  readonly all: Record<string, Schema> = {}

  /** Answers may say `null` for what is absent. */
  output(message: MessageClass): Schema {
    return this.#reference(message, { name: message.name, hidden: [], nullable: true })
  }

  input(message: MessageClass, hidden: readonly string[]): Schema {
    return this.#reference(message, { name: message.name, hidden, nullable: true })
  }

  #reference(message: MessageClass, wanted: Wanted): Schema {
    if (!Object.hasOwn(this.all, wanted.name)) {
      this.all[wanted.name] = {}
      this.all[wanted.name] = this.#object(message, wanted)
    }
    return { $ref: `#/components/schemas/${wanted.name}` }
  }

  #object(message: MessageClass, { hidden, nullable }: Wanted): Schema {
    const fields = fieldsOf(message).filter(({ name }) => !hidden.includes(name))
    const required = fields.filter((field) => field.required).map(({ name }) => name)
    const properties = fields.map(({ name, schema, required: needed, nested }) => {
      const reference = nested && this.output(nested)
      const resolved = reference
        ? schema.type === 'array'
          ? { ...schema, items: reference }
          : reference
        : schema
      return [name, needed || !nullable ? resolved : orNull(resolved)]
    })
    return {
      type: 'object',
      ...(required.length > 0 && { required }),
      properties: Object.fromEntries(properties) as Record<string, Schema>,
    }
  }
}

type Wanted = { readonly name: string; readonly hidden: readonly string[]; readonly nullable: boolean }

function orNull(schema: Schema): Schema {
  if (schema.$ref !== undefined) return { oneOf: [schema, { type: 'null' }] }
  if (typeof schema.type !== 'string') return schema
  return { ...schema, type: [schema.type, 'null'], ...(schema.enum && { enum: [...schema.enum, null] }) }
}
