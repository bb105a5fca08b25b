import { fileSource, rangeSource, readGgufHeader, readHeader, trainerFacts } from '@easel/safetensors'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join, parse } from 'node:path'
import { stringifyJson } from '@easel/protocol'
import type { HashMatch } from '@easel/client'
import type { HeaderSource } from '@easel/safetensors'
import type { Context } from '../commands/context.ts'
import type { Hashes } from './hash-file.ts'
import type { InfoOptions } from './info-options.ts'
import { usageError } from '../exit-codes.ts'
import { writeModelName } from '../models/model-name.ts'
import { formatFacts, formatTable, type Column } from '../output/table.ts'
import { formatBytes } from '../output/units.ts'
import { fetchRange } from './fetch-range.ts'

type Format = 'safetensors' | 'gguf'
type Tensor = { name: string; dtype: string; shape: readonly number[] }
type Described = Awaited<ReturnType<typeof describe>>

const someTensors = 20
const mostTags = 10
/** Before the header of a safetensors file. */
const lengthBytes = 8

export async function showModelFile(
  context: Context,
  file: string,
  { format, options }: { format: Format; options: InfoOptions },
): Promise<void> {
  const { out } = context
  const remote = /^https?:\/\//i.test(file)
  const wantsHash = options.hash || options.lookup || options.saveTo !== undefined
  if (remote && wantsHash) {
    throw usageError(
      '--hash, --lookup and --save-to need all bytes of the file: they work on local files only',
    )
  }
  const source = remote ? rangeSource(file, fetchRange) : fileSource(file)
  const described = await describe(source, format)
  const dataStart = format === 'safetensors' ? described.summary.headerBytes + lengthBytes : undefined
  const hashes = wantsHash ? await hash(context, file, dataStart) : undefined
  const match = hashes && options.lookup ? await lookUp(context, hashes.sha256) : undefined
  const result = { ...toJson(described, options), ...hashes, ...(match !== undefined && { match }) }
  if (hashes && options.saveTo !== undefined) await save(file, options.saveTo, { result, hashes })
  if (out.json) return out.printJson(result)
  out.printLines([
    ...formatFacts([...factsOf(described), ...hashFacts(hashes), ...matchFacts(match)]),
    ...metadataLines(described.metadata, options),
    ...(options.tensors
      ? ['', ...tensorLines(firstOf(described.tensors, options.tensors), out.columns)]
      : []),
  ])
}

async function describe(source: HeaderSource, format: Format) {
  if (format === 'gguf') {
    const { metadata, tensors, architecture, quantization, ...summary } = await readGgufHeader(source)
    return { format, summary, metadata, tensors, gguf: { architecture, quantization }, facts: undefined }
  }
  const { metadata, tensors, ...summary } = await readHeader(source)
  return { format, summary, metadata, tensors, gguf: undefined, facts: trainerFacts(metadata) }
}

function toJson({ format, summary, metadata, tensors, gguf, facts }: Described, options: InfoOptions) {
  return {
    format,
    ...summary,
    ...gguf,
    ...(facts && { facts }),
    metadata: pick(metadata, options.meta),
    ...(options.tensors && { tensors: firstOf(tensors, options.tensors) }),
  }
}

async function hash(context: Context, file: string, dataStart: number | undefined): Promise<Hashes> {
  const { hashesOf } = await import('./hash-file.ts')
  return hashesOf(context, file, dataStart)
}

/** `null`: the server does not know it either. */
async function lookUp(context: Context, sha256: string): Promise<HashMatch | null> {
  const { EaselError } = await import('@easel/client')
  try {
    return await (await context.api()).models.byHash(sha256)
  } catch (cause) {
    if (cause instanceof EaselError && cause.status === 404) return null
    throw cause
  }
}

/** `castle.json`, and `castle.sha256` as `sha256sum --check` reads it. */
async function save(
  file: string,
  folder: string,
  { result, hashes }: { result: object; hashes: Hashes },
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const base = join(folder, parse(file).name)
  await writeFile(`${base}.json`, `${stringifyJson(result)}\n`)
  await writeFile(`${base}.sha256`, `${hashes.sha256}  ${basename(file)}\n`)
}

type Facts = (readonly [string, string | number | null | undefined])[]

function factsOf({ format, summary, metadata, gguf, facts }: Described): Facts {
  const types = Object.entries(summary.dtypes).map(([name, count]) => `${name} (${count})`)
  const tags = facts?.tags.slice(0, mostTags).map(({ tag, count }) => `${tag} (${count})`)
  return [
    ['format', format],
    ['tensors', summary.tensorCount],
    ['parameters', summary.parameterCount.toLocaleString('en')],
    ['types', types.join(', ')],
    ['data', formatBytes(summary.dataBytes)],
    ['header', formatBytes(summary.headerBytes)],
    ['title', facts?.title ?? metadata['general.name']],
    ['author', facts?.author ?? metadata['general.author']],
    ['base', facts?.baseModel],
    ['architecture', facts?.architecture ?? gguf?.architecture],
    ['quantization', gguf?.quantization],
    ['trainer', facts?.trainer],
    ['triggers', facts?.triggerWords.join(', ')],
    ['resolution', facts?.resolution && `${facts.resolution.width}×${facts.resolution.height}`],
    ['rank', facts?.networkDim],
    ['alpha', facts?.networkAlpha],
    ['epochs', facts?.epochs],
    ['steps', facts?.steps],
    ['tags', tags?.join(', ')],
    ['metadata', `${Object.keys(metadata).length} entries (--metadata prints them)`],
  ]
}

function hashFacts(hashes: Hashes | undefined): Facts {
  return [
    ['SHA-256', hashes?.sha256],
    ['AutoV2', hashes?.autoV2],
    ['AutoV3', hashes?.autoV3],
  ]
}

function matchFacts(match: HashMatch | null | undefined): Facts {
  if (match === undefined) return []
  if (match === null) return [['model', 'not known by its hash']]
  const { model, version } = match
  return [
    ['model', `${model.name} (${writeModelName(model)})`],
    ['version', `${version.name} (${version.id})`],
    ['family', version.family ?? version.baseModel],
    ['words', version.triggerWords.join(', ')],
  ]
}

function metadataLines(metadata: Readonly<Record<string, string>>, { metadata: all, meta }: InfoOptions) {
  if (!all && !meta) return []
  return ['', ...formatFacts(Object.entries(pick(metadata, meta)))]
}

function pick(metadata: Readonly<Record<string, string>>, keys: readonly string[] | undefined) {
  const entries = Object.entries(metadata)
  return Object.fromEntries(keys ? entries.filter(([key]) => keys.includes(key)) : entries)
}

const columns: readonly Column<Tensor>[] = [
  { title: 'TENSOR', value: ({ name }) => name, flexible: true },
  { title: 'TYPE', value: ({ dtype }) => dtype },
  { title: 'SHAPE', value: ({ shape }) => `[${shape.join(', ')}]` },
]

function tensorLines(tensors: readonly Tensor[], width: number | undefined): string[] {
  return formatTable(tensors, columns, { ...(width !== undefined && { columns: width }) })
}

function firstOf(tensors: readonly Tensor[], count: number | true): readonly Tensor[] {
  return tensors.slice(0, count === true ? someTensors : count)
}
