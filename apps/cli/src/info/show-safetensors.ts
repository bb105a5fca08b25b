import {
  autoV2,
  autoV3,
  createHasher,
  fileSource,
  rangeSource,
  readHeader,
  trainerFacts,
  type SafetensorsHeader,
} from '@easel/safetensors'
import type { Context } from '../commands/context.ts'
import type { InfoOptions } from './info-options.ts'
import { formatFacts, formatTable, type Column } from '../output/table.ts'
import { formatBytes } from '../output/units.ts'
import { fetchRange } from './fetch-range.ts'

type Hashes = { sha256: string; autoV2: string; autoV3: string }
type Tensor = SafetensorsHeader['tensors'][number]

const someTensors = 20
const mostTags = 10

export async function showSafetensors(context: Context, file: string, options: InfoOptions): Promise<void> {
  const { out } = context
  const remote = /^https?:\/\//i.test(file)
  const header = await readHeader(remote ? rangeSource(file, fetchRange) : fileSource(file))
  const hashes = options.hash ? await hashesOf(context, file) : undefined
  const { metadata, tensors, ...summary } = header
  const facts = trainerFacts(metadata)
  if (out.json) {
    const listed = options.tensors ? { tensors: firstOf(tensors, options.tensors) } : {}
    return out.printJson({
      format: 'safetensors',
      ...summary,
      ...hashes,
      facts,
      metadata: { ...metadata },
      ...listed,
    })
  }
  out.printLines([
    ...formatFacts([
      ['tensors', summary.tensorCount],
      ['parameters', summary.parameterCount.toLocaleString('en')],
      [
        'types',
        Object.entries(summary.dtypes)
          .map(([name, count]) => `${name} (${count})`)
          .join(', '),
      ],
      ['data', formatBytes(summary.dataBytes)],
      ['header', formatBytes(summary.headerBytes)],
      ['title', facts.title],
      ['author', facts.author],
      ['base', facts.baseModel],
      ['architecture', facts.architecture],
      ['trainer', facts.trainer],
      ['triggers', facts.triggerWords.join(', ')],
      ['resolution', facts.resolution && `${facts.resolution.width}×${facts.resolution.height}`],
      ['rank', facts.networkDim],
      ['alpha', facts.networkAlpha],
      ['epochs', facts.epochs],
      ['steps', facts.steps],
      [
        'tags',
        facts.tags
          .slice(0, mostTags)
          .map(({ tag, count }) => `${tag} (${count})`)
          .join(', '),
      ],
      [
        'metadata',
        `${Object.keys(metadata).length} entries${options.metadata ? '' : ' (--metadata prints them)'}`,
      ],
      ['SHA-256', hashes?.sha256],
      ['AutoV2', hashes?.autoV2],
      ['AutoV3', hashes?.autoV3],
    ]),
    ...(options.metadata ? ['', ...formatFacts(Object.entries(metadata))] : []),
    ...(options.tensors ? ['', ...tensorLines(firstOf(tensors, options.tensors), out.columns)] : []),
  ])
}

const columns: readonly Column<Tensor>[] = [
  { title: 'TENSOR', value: ({ name }) => name, flexible: true },
  { title: 'TYPE', value: ({ dtype }) => dtype },
  { title: 'SHAPE', value: ({ shape }) => `[${shape.join(', ')}]` },
]

function tensorLines(tensors: readonly Tensor[], width: number | undefined): string[] {
  return formatTable(tensors, columns, { columns: width })
}

function firstOf(tensors: readonly Tensor[], count: number | true): readonly Tensor[] {
  return tensors.slice(0, count === true ? someTensors : count)
}

async function hashesOf({ out }: Context, path: string): Promise<Hashes> {
  await using hasher = createHasher({ threads: 2 })
  using view = out.progress()
  const onProgress = ({ bytes, totalBytes }: { bytes: number; totalBytes: number }) =>
    view.update({
      label: 'hashing',
      value: bytes / totalBytes,
      detail: `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    })
  const [{ hash: sha256 }, v3] = await Promise.all([
    hasher.hashFile(path, { onProgress }),
    autoV3(path, hasher.hashFile.bind(hasher)),
  ])
  return { sha256, autoV2: autoV2(sha256), autoV3: v3 }
}
