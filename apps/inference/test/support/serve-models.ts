import { ContractServer } from '@easel/bus'
import { downloader, needs } from '@easel/contracts'
import { AppError, defineService, Done, newId, notFound, requireActor } from '@easel/protocol'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Bus } from '@easel/bus'
import type {
  ById,
  CheckNeeds,
  CreateDownload,
  DownloadView,
  LibraryFileView,
  NeedView,
} from '@easel/contracts'
import type { CallContext } from '@easel/protocol'

@Module({})
class ModelsModule {}

export type ServedModels = AsyncDisposable & {
  /** By name: what the catalogue says of a file. */
  readonly needs: Map<string, Partial<NeedView>>
  /** By id. */
  readonly downloads: Map<string, DownloadView>
  readonly asked: CreateDownload[]
  readonly canceled: string[]
  /** What the next requests are refused with. */
  refusal: AppError | undefined
}

/** What inference asks of the catalogue and of the downloader, over the bus. */
export async function serveModels(bus: Bus): Promise<ServedModels> {
  const served: Omit<ServedModels, typeof Symbol.asyncDispose> = {
    needs: new Map(),
    downloads: new Map(),
    asked: [],
    canceled: [],
    refusal: undefined,
  }
  const server = new ContractServer(bus)
  const { check } = needs.rpcs
  server.serve(defineService(needs.name, needs.version, { check }), {
    async check({ workflow }: CheckNeeds, context: CallContext) {
      requireActor(context)
      const texts = JSON.stringify(workflow)
      const files = [...served.needs]
        .filter(([name]) => texts.includes(name))
        .map(([name, need]) => aNeed(name, need))
      const complete = files.every(({ state }) => state === 'present')
      return { files, complete, fetchable: true, missingBytes: 0 }
    },
  })
  const { createDownload, getDownload, cancelDownload } = downloader.rpcs
  server.serve(
    defineService(downloader.name, downloader.version, { createDownload, getDownload, cancelDownload }),
    {
      async createDownload(input: CreateDownload, context: CallContext) {
        if (served.refusal) throw served.refusal
        const { userId } = requireActor(context)
        served.asked.push(input)
        const download = aDownload(input, userId)
        served.downloads.set(download.id, download)
        return download
      },
      async getDownload({ id }: ById) {
        const download = served.downloads.get(id)
        if (!download) throw notFound('download', 'DOWNLOAD_NOT_FOUND')
        return download
      },
      async cancelDownload({ id }: ById) {
        served.canceled.push(id)
        return new Done()
      },
    },
  )
  const app = await NestFactory.createMicroservice(ModelsModule, { strategy: server, logger: false })
  await app.listen()
  return Object.assign(served, { [Symbol.asyncDispose]: () => app.close() })
}

function aNeed(name: string, changes: Partial<NeedView>): NeedView {
  return {
    name,
    nodes: ['1'],
    folder: 'checkpoints',
    state: 'available',
    sources: [],
    similar: [],
    ...changes,
  }
}

/** A file that a source has. */
export function anAvailable(name: string, gate: 'open' | 'terms' = 'open'): Partial<NeedView> {
  const wish = { source: 'huggingface' as const, repo: 'a/b', path: name }
  const file = {
    urls: [`https://huggingface.co/a/b/resolve/main/${name}`],
    folder: 'checkpoints',
    filename: name,
    gate,
  }
  return {
    state: gate === 'open' ? 'available' : 'gated',
    bytes: 100,
    sources: [{ wish, file, foundBy: 'bundle' }],
  }
}

export function aLibraryFile(path: string): LibraryFileView {
  return {
    id: newId(),
    name: path,
    path,
    folder: 'checkpoints',
    format: 'safetensors',
    state: 'ready',
    unsafe: false,
    bytes: 100,
    modifiedAt: new Date(0).toISOString(),
    indexedAt: new Date(0).toISOString(),
    triggerWords: [],
    dtypes: [],
  }
}

function aDownload({ id, spaceId, files = [] }: CreateDownload, createdBy: string): DownloadView {
  return {
    id: id!,
    source: 'files',
    url: 'https://huggingface.co/a/b',
    status: 'running',
    folder: 'checkpoints',
    bytesDone: 0,
    bytesTotal: 100,
    verification: 'pending',
    attempts: 1,
    priority: 0,
    spaceId: spaceId!,
    createdBy,
    createdAt: new Date(0).toISOString(),
    files: files.map(({ path }) => ({
      transferId: id!,
      status: 'running' as const,
      folder: 'checkpoints',
      filename: path!,
      bytesDone: 0,
      bytesTotal: 100,
      verification: 'pending' as const,
      reused: false,
    })),
  }
}
