import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { runnerImport } from 'vite'

const root = dirname(import.meta.dirname)
const documentPath = join(root, 'libs/client/openapi.json')
const typesPath = join(root, 'libs/client/src/api-schemas.ts')
const termsPath = join(root, 'libs/client/src/api-terms.ts')

/** Lists of values that clients offer to choose from: where each stands in the document. */
const terms: Readonly<Record<string, readonly [of: string, field: string]>> = {
  modelTypes: ['ModelCard', 'type'],
  modelFolders: ['CreateDownload', 'folder'],
  nsfwLevels: ['getSearch', 'maxNsfw'],
  searchPeriods: ['getSearch', 'period'],
  searchSorts: ['getSearch', 'sort'],
}

type Schema = {
  type?: string | string[]
  enum?: unknown[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  $ref?: string
  oneOf?: Schema[]
  description?: string
}
type Parameter = { name: string; in: string; required: boolean; schema: Schema }
type Operation = { operationId: string; parameters?: Parameter[] }
type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** Decorators keep Node from running the gateway's source as it is; Vite compiles it as the tests do. */
async function readDocument(): Promise<Document> {
  const conditions = ['@easel/source', 'node']
  const { module } = await runnerImport<{ apiDocument: () => Document }>(
    join(root, 'apps/gateway/src/openapi/api-document.ts'),
    {
      configFile: false,
      logLevel: 'error',
      environments: { inline: { resolve: { conditions, noExternal: [/^@easel\//] } } },
    },
  )
  return module.apiDocument()
}

function writeTypes({ components, paths }: Document): string {
  const types = Object.entries(components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)}\n`,
  )
  const operations = Object.values(paths).flatMap((path) => Object.values(path))
  for (const operation of operations) {
    const query = operation.parameters?.filter((parameter) => parameter.in === 'query') ?? []
    if (query.length > 0) types.push(writeQuery(operation.operationId, query))
  }
  return `// oxlint-disable eslint/max-lines -- written by tools/openapi.ts from openapi.json\n\n${types.join('\n')}`
}

function writeTerms({ components, paths }: Document): string {
  const operations = Object.values(paths).flatMap((path) => Object.values(path))
  const lists = Object.entries(terms).map(([name, [of, field]]) => {
    const parameters = operations.find(({ operationId }) => operationId === of)?.parameters
    const schema =
      components.schemas[of]?.properties?.[field] ?? parameters?.find((each) => each.name === field)?.schema
    const values = schema?.enum?.filter((value) => value !== null)
    if (!values) throw new Error(`The document says no values for ${field} of ${of}`)
    return `export const ${name} = ${JSON.stringify(values)} as const\n`
  })
  return `// Written by tools/openapi.ts from openapi.json.\n\n${lists.join('\n')}`
}

/** `getJobs` → `GetJobsQuery`. */
function writeQuery(operationId: string, parameters: readonly Parameter[]): string {
  const name = `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}Query`
  const fields = parameters.map(({ name: field, schema }) => `${field}?: ${typeOf(schema)}`)
  return `export type ${name} = { ${fields.join('\n')} }\n`
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'unknown'
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(' | ')
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const names = [schema.type ?? 'unknown'].flat()
  return names.map((name) => plainType(name, schema)).join(' | ')
}

function plainType(name: string, schema: Schema): string {
  if (name === 'integer') return 'number'
  if (name === 'array') return `Array<${typeOf(schema.items ?? {})}>`
  if (name !== 'object') return name
  if (!schema.properties) return 'Record<string, unknown>'
  const fields = Object.entries(schema.properties).map(
    ([field, own]) => `${field}${schema.required?.includes(field) ? '' : '?'}: ${typeOf(own)}`,
  )
  return `{ ${fields.join('\n')} }`
}

async function pretty(text: string, path: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path })
}

/** What is written from the gateway's routes, by path: the OpenAPI document, and types and values of the SDK. */
export async function apiFiles(): Promise<ReadonlyMap<string, string>> {
  const document = await readDocument()
  return new Map([
    [documentPath, await pretty(JSON.stringify(document), documentPath)],
    [typesPath, await pretty(writeTypes(document), typesPath)],
    [termsPath, await pretty(writeTerms(document), termsPath)],
  ])
}
