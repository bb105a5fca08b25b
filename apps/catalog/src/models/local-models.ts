import type { ModelType } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { folderOfType } from '../needs/file-folder.ts'
import { noStats, open } from '../sources/source-model.ts'
import type { SourceFile, SourceModel } from '../sources/source-model.ts'
import { CatalogueRepository } from './catalogue.repository.ts'
import { LocalModelsRepository } from './local-models.repository.ts'
import type { LocalFile } from './local-models.repository.ts'
import { modelRows } from './model-rows.ts'
import type { ModelRows } from './model-rows.ts'

type Parts = { readonly database: Database; readonly log: Pick<Logger, 'warn'> }

const batch = 500

/** Library files as models among the others. What is in the tables is what the library says, however often it is asked. */
export class LocalModels {
  private readonly parts: Parts
  private readonly files: LocalModelsRepository

  constructor(parts: Parts) {
    this.parts = parts
    this.files = new LocalModelsRepository(parts.database)
  }

  /** @returns whether anything was otherwise */
  async reconcile(): Promise<boolean> {
    let changed = (await this.files.removeGone()) > 0
    for (;;) {
      const files = await this.files.listChanged(batch)
      if (files.length === 0) return changed
      const rows = files.map(localRows)
      const { keys } = await this.parts.database.transact((tx) =>
        new CatalogueRepository(tx).write(rows, 'whole'),
      )
      // Something that cannot be written would be found again and again.
      if (keys.length === 0) {
        this.parts.log.warn({ files: files.length }, 'Library files could not be listed as models')
        return changed
      }
      changed = true
      if (files.length < batch) return changed
    }
  }
}

function localRows(file: LocalFile): ModelRows {
  // What sources bring is of sources; a file of the library is all that, but for where it is from.
  const rows = modelRows({ ...modelOf(file), source: 'local' as SourceModel['source'] })
  return {
    ...rows,
    model: {
      ...rows.model,
      digest: file.mark,
      family: file.family ?? rows.model.family,
      linked_source: file.linkedSource,
    },
  }
}

function modelOf(file: LocalFile): SourceModel {
  const at = file.modifiedAt.toISOString()
  const type = (file.type ?? typeOfFolder(file.folder)) as ModelType
  return {
    source: 'civitai',
    id: file.id,
    name: file.title ?? file.name,
    type,
    sourceType: null,
    creator: null,
    description: [file.description, file.path].filter(Boolean).join(' '),
    descriptionMarkdown: file.description && plainAsMarkdown(file.description),
    tags: [],
    nsfwLevel: file.nsfwLevel,
    licence: {
      id: null,
      name: null,
      url: null,
      commercialUse: null,
      derivatives: null,
      credit: null,
      sameLicence: null,
      gate: open,
    },
    stats: noStats,
    publishedAt: at,
    updatedAt: at,
    pageUrl: '',
    mode: null,
    versions: [
      {
        id: file.id,
        name: file.name,
        baseModel: file.baseModel,
        description: null,
        trainedWords: file.triggerWords,
        publishedAt: at,
        air: null,
        downloadUrl: null,
        stats: noStats,
        nsfwLevel: file.nsfwLevel,
        gate: open,
        files: [fileOf(file)],
        images: [],
      },
    ],
    derivedFrom: [],
    task: null,
    library: null,
    raw: null,
  }
}

function fileOf(file: LocalFile): SourceFile {
  const formats: readonly string[] = ['safetensors', 'gguf', 'pickle']
  return {
    id: file.id,
    name: file.path,
    role: null,
    format: formats.includes(file.format) ? (file.format as SourceFile['format']) : 'other',
    precision: file.precision,
    quant: null,
    size: null,
    bytes: file.bytes,
    bytesExact: true,
    sha256: file.sha256,
    autoV1: null,
    autoV2: file.autoV2,
    autoV3: file.autoV3,
    crc32: null,
    blake3: null,
    scans: { pickle: null, pickleText: null, virus: null, virusText: null, scannedAt: null },
    primary: true,
    downloadUrl: '',
  }
}

const types: ReadonlyMap<string, ModelType> = new Map(
  (Object.entries(folderOfType) as [ModelType, string][])
    .filter(([, folder]) => folder !== 'other')
    .toReversed()
    .map(([type, folder]): [string, ModelType] => [folder, type]),
)

const typeOfFolder = (folder: string): ModelType => types.get(folder) ?? 'other'

/** A description of a file is plain text of whoever made it. */
function plainAsMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]#~]/g, (mark) => `\\${mark}`).replaceAll('<', '&lt;')
}
