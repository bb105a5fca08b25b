import 'reflect-metadata'
import { connectBus, ContractServer } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { catalog, libraryCare, needs } from '@easel/contracts'
import type { ExternalFile, LibraryFileView, ModelWish, ResolvedFile } from '@easel/contracts'
import { AppError, newId, notFound, requireActor } from '@easel/protocol'
import type { CallContext, Handlers, Service } from '@easel/protocol'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'

@Module({})
class Nothing {}

const log = { info: () => {}, warn: () => {}, error: () => {} }

export type StandInCatalog = AsyncDisposable & {
  /** What each wish comes to. */
  resolve: (wish: ModelWish) => ResolvedFile[]
  /** As they were asked for. */
  readonly wishes: ModelWish[]
  readonly library: LibraryFileView[]
  readonly external: ExternalFile[]
}

/** The catalogue as the downloader sees it: it speaks the contracts over the bus, and knows what it is told. */
export async function serveCatalog({
  url,
  prefix,
}: {
  url: string
  prefix: string
}): Promise<StandInCatalog> {
  await using stack = new AsyncDisposableStack()
  const bus: Bus = stack.use(await connectBus({ url, prefix, name: 'catalog', log }))
  const server = new ContractServer(bus, { validateOutputs: true })
  const app = await NestFactory.createMicroservice(Nothing, { strategy: server, logger: false })
  const known: Omit<StandInCatalog, typeof Symbol.asyncDispose> = {
    resolve: () => [],
    wishes: [],
    library: [],
    external: [],
  }
  server.serve(
    needs,
    only(needs, {
      async resolve({ wishes }, context: CallContext) {
        requireActor(context)
        known.wishes.push(...wishes)
        const files = wishes.flatMap((wish) => known.resolve(wish))
        return { files, bytes: files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) }
      },
    }),
  )
  server.serve(
    catalog,
    only(catalog, {
      async getFileByHash({ hash }, context: CallContext) {
        requireActor(context)
        return known.library.find(({ sha256 }) => sha256 === hash) ?? missing('file', 'FILE_NOT_FOUND')
      },
    }),
  )
  server.serve(
    libraryCare,
    only(libraryCare, {
      async findExternal({ sha256 }, context: CallContext) {
        requireActor(context)
        return known.external.find((file) => file.sha256 === sha256) ?? missing('file', 'EXTERNAL_NOT_FOUND')
      },
    }),
  )
  await app.listen()
  stack.defer(() => app.close())
  const owned = stack.move()
  return Object.assign(known, { [Symbol.asyncDispose]: () => owned.disposeAsync() })
}

function missing(thing: string, reason: string): never {
  throw notFound(thing, reason)
}

function only<S extends Service>(service: S, handlers: Partial<Handlers<S>>): Handlers<S> {
  const rest = Object.keys(service.rpcs).map((method) => [
    method,
    () => Promise.reject(new AppError('internal', `The stand-in has no ${method}`)),
  ])
  return { ...Object.fromEntries(rest), ...handlers } as Handlers<S>
}

export function aResolvedFile(changes: Partial<ResolvedFile> & { urls: string[] }): ResolvedFile {
  return { folder: 'loras', filename: 'model.safetensors', gate: 'open', ...changes }
}

export function aLibraryFile(changes: Partial<LibraryFileView>): LibraryFileView {
  return {
    id: newId(),
    name: 'model',
    path: 'loras/model.safetensors',
    folder: 'loras',
    format: 'safetensors',
    state: 'ready',
    unsafe: false,
    bytes: 0,
    modifiedAt: new Date(0).toISOString(),
    triggerWords: [],
    dtypes: [],
    indexedAt: new Date(0).toISOString(),
    root: '',
    ...changes,
  }
}
