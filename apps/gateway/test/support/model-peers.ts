import {
  bundles,
  catalog,
  collections,
  downloader,
  hub,
  libraryCare,
  models,
  needs,
  sourceTokens,
} from '@easel/contracts'
import { AppError, Done, newId, notFound, requireActor } from '@easel/protocol'
import { CollectionPeers } from './collection-peers.ts'
import type { ContractServer } from '@easel/bus'
import type {
  BundleView,
  CreateDownload,
  DownloadView,
  HubFileView,
  LibraryFileView,
  ModelCard,
  NeedView,
  PutBundle,
} from '@easel/contracts'
import type { Actor, CallContext, Handlers, Service } from '@easel/protocol'

export type Asked = { readonly method: string; readonly input: object; readonly actor: Actor }

const time = '2026-11-20T10:00:00.000Z'
export const knownHash = 'a'.repeat(64)
export const fileId = '01936f5e-0000-7000-8000-00000000000f'

/** The catalog and the downloader as the gateway sees them. What they are asked they keep. */
export class ModelPeers {
  readonly asked: Asked[] = []
  readonly favorites = new Map<string, Set<string>>()
  readonly bundles = new Map<string, BundleView>()
  readonly tokens = new Map<string, string>()
  readonly downloads = new Map<string, DownloadView>()
  readonly collections = new CollectionPeers()
  needs: NeedView[] = []
  /** Of the one file of the library. */
  preview: string | null = null

  last(method: string): object | undefined {
    return this.asked.findLast((each) => each.method === method)?.input
  }

  serve(server: ContractServer): void {
    this.#serve(server, models, this.#models())
    this.#serve(server, needs, { check: async () => this.#needsView() })
    this.#serve(server, bundles, this.#bundles())
    this.#serve(server, collections, this.collections.handlers())
    this.#serve(server, catalog, {
      getFile: async ({ id }) => {
        if (id !== fileId) throw notFound('file', 'FILE_NOT_FOUND')
        return aFile({ preview: this.preview })
      },
      listFiles: async () => ({ items: [aFile()], nextCursor: null }),
      getFileByHash: async () => aFile(),
    })
    this.#serve(server, libraryCare, {
      listDuplicates: async () => ({ items: [], nextCursor: null }),
      moveFile: async ({ path }) => aFile({ path: path ?? 'loras/castle.safetensors' }),
      linkFile: async ({ modelId = null }) => aFile({ modelId }),
      listTypeFolders: async () => ({ items: [{ type: 'lora', folder: 'loras' }] }),
    })
    this.#serve(server, downloader, {
      createDownload: async (input, context) => {
        const made = download(input, requireActor(context))
        this.downloads.set(made.id, made)
        return made
      },
      getDownload: async ({ id }) => this.#nextOf(id),
      setPriority: async ({ id, priority }) => ({ ...this.#nextOf(id), priority }),
      act: async ({ ids = [] }) => ({
        changed: ids.filter((id) => this.downloads.has(id)),
        unchanged: ids.filter((id) => !this.downloads.has(id)),
      }),
    })
    this.#serve(server, sourceTokens, this.#tokens())
    this.#serve(server, hub, this.#hub())
  }

  /** What is not here is "not there"; every call is written down. */
  #serve<S extends Service>(server: ContractServer, service: S, handlers: Partial<Handlers<S>>): void {
    const absent = async () => {
      throw notFound('thing', 'NOT_FOUND')
    }
    const noted = Object.keys(service.rpcs).map((method) => {
      const handle = ((handlers as Record<string, unknown>)[method] ?? absent) as Handle
      return [
        method,
        async (input: object, context: CallContext) => {
          this.asked.push({ method, input, actor: requireActor(context) })
          return handle(input, context)
        },
      ]
    })
    server.serve(service, Object.fromEntries(noted) as Handlers<S>)
  }

  /** Whoever looks sees it one step further. */
  #nextOf(id: string): DownloadView {
    const known = this.downloads.get(id)
    if (!known) throw notFound('download', 'DOWNLOAD_NOT_FOUND')
    const status = known.status === 'queued' ? ('running' as const) : ('completed' as const)
    const next = { ...known, status, bytesDone: known.bytesDone + 500 }
    this.downloads.set(id, next)
    return next
  }

  #models(): Partial<Handlers<typeof models>> {
    const of = ({ actor }: CallContext) => this.favorites.get(actor?.userId ?? '') ?? new Set<string>()
    return {
      search: async () => ({
        items: [aCard()],
        nextCursor: null,
        sources: [
          { source: 'civitai', state: 'asked' },
          { source: 'huggingface', state: 'failed', code: 'SOURCE_UNAVAILABLE', message: 'It is away' },
        ],
      }),
      suggest: async ({ q }) => ({ items: [`${q}le`] }),
      getModel: async ({ source, id }) => {
        if (id === 'gone') throw notFound('model', 'MODEL_NOT_FOUND')
        return { ...aCard({ source, id }), licence: { terms: [] }, versions: [], stale: false }
      },
      setFavorite: async ({ source, id, favorite }, context) => {
        const own = of(context)
        if (favorite) own.add(`${source}:${id}`)
        else own.delete(`${source}:${id}`)
        this.favorites.set(context.actor?.userId ?? '', own)
        return new Done()
      },
      listFavorites: async (_input, context) => {
        const items = [...of(context)].map((name) => {
          const [source, id = ''] = name.split(/:(.*)/s)
          return aCard({ source: source as ModelCard['source'], id, favorite: true })
        })
        return { items, nextCursor: null }
      },
      dismissUpdate: async () => new Done(),
    }
  }

  #needsView() {
    const files = this.needs
    const isMissing = ({ state }: NeedView) => state !== 'present'
    return {
      files,
      complete: !files.some(isMissing),
      fetchable: true,
      missingBytes: files.filter(isMissing).length * 1_000,
    }
  }

  #bundles(): Partial<Handlers<typeof bundles>> {
    const find = (id: string) => {
      const bundle = this.bundles.get(id)
      if (!bundle) throw notFound('bundle', 'BUNDLE_NOT_FOUND')
      return bundle
    }
    return {
      listBundles: async () => ({ items: [...this.bundles.values()], nextCursor: null }),
      getBundle: async ({ id }) => find(id),
      putBundle: async (input: PutBundle) => {
        const bundle = { ...input, builtin: false, bytes: 0, updatedAt: time }
        this.bundles.set(input.id, bundle)
        return bundle
      },
      deleteBundle: async ({ id }) => {
        find(id)
        this.bundles.delete(id)
        return new Done()
      },
      getStatus: async ({ id }) => {
        const { files } = find(id)
        const missing = files.map((file) => ({ ...file, state: 'missing' as const, progress: 0 }))
        return { id, state: 'missing', progress: 0, bytesPresent: 0, bytesTotal: 0, files: missing }
      },
      importManifests: async ({ manifests }) => ({
        bundles: [],
        refused: manifests.map(({ name }) => ({ name, problem: 'It refers to itself' })),
      }),
    }
  }

  #tokens(): Partial<Handlers<typeof sourceTokens>> {
    const view = (source: 'civitai' | 'huggingface') => {
      const token = this.tokens.get(source)
      return { source, hasToken: token !== undefined, hint: token?.slice(-4) ?? null }
    }
    return {
      listTokens: async () => ({ items: [view('civitai'), view('huggingface')] }),
      putToken: async ({ source, token }) => {
        this.tokens.set(source, token)
        return view(source)
      },
      deleteToken: async ({ source }) => {
        this.tokens.delete(source)
        return new Done()
      },
    }
  }

  #hub(): Partial<Handlers<typeof hub>> {
    const content = (sha256: string, more: Partial<HubFileView> = {}): HubFileView => {
      if (sha256 !== knownHash) throw notFound('content', 'CONTENT_NOT_FOUND')
      return {
        sha256,
        bytes: 1_000,
        paths: ['loras/castle.safetensors'],
        state: 'present',
        pinned: false,
        usedAt: time,
        createdAt: time,
        ...more,
      }
    }
    const status = { files: 1, bytes: 1_000, bytesLinked: 2_000, bad: 0, verifying: false }
    return {
      getStatus: async () => status,
      listFiles: async () => ({ items: [content(knownHash)], nextCursor: null }),
      verify: async () => ({ ...status, verifying: true }),
      pinFile: async ({ sha256, pinned }) => content(sha256, { pinned }),
      evictFile: async ({ sha256 }) => {
        if (sha256 !== knownHash) throw notFound('content', 'CONTENT_NOT_FOUND')
        throw new AppError('conflict', 'A job uses it', { reason: 'CONTENT_IN_USE' })
      },
      adoptFiles: async ({ paths }) => ({
        items: paths.map((path) => ({ path, outcome: 'linked' as const, bytesFreed: 1_000 })),
      }),
    }
  }
}

type Handle = (input: object, context: CallContext) => Promise<object>

export function aCard(more: Partial<ModelCard> = {}): ModelCard {
  return {
    source: 'civitai',
    id: '4201',
    name: 'Castle',
    type: 'lora',
    tags: [],
    nsfw: 'pg',
    downloads: 1,
    likes: 1,
    gate: 'open',
    installed: { state: 'none', fileIds: [] },
    updateAvailable: false,
    favorite: false,
    ...more,
  }
}

export function aNeed(name: string, more: Partial<NeedView> = {}): NeedView {
  const url = `https://models.example/${name}`
  return {
    name,
    nodes: ['4'],
    folder: 'loras',
    state: 'available',
    sources: [
      {
        wish: { source: 'reference', reference: url },
        file: { urls: [url], folder: 'loras', filename: name, gate: 'open' },
        foundBy: 'workflow',
      },
    ],
    similar: [],
    ...more,
  }
}

function aFile(more: Partial<LibraryFileView> = {}): LibraryFileView {
  return {
    id: fileId,
    name: 'castle',
    path: 'other/castle.safetensors',
    folder: 'other',
    format: 'safetensors',
    state: 'ready',
    unsafe: false,
    bytes: 1_000,
    modifiedAt: time,
    triggerWords: [],
    dtypes: [],
    indexedAt: time,
    ...more,
  }
}

function download(
  { source = 'url', spaceId, files, url, priority = 0 }: CreateDownload,
  actor: Actor,
): DownloadView {
  if (url?.includes('gated')) {
    throw new AppError('forbidden', 'Its owner lets in whom they like', {
      reason: 'MODEL_GATED',
      details: { approvalUrl: 'https://models.example/approve' },
    })
  }
  if (url?.includes('huge')) {
    throw new AppError('exhausted', 'It does not fit on the disk', { reason: 'DISK_FULL' })
  }
  return {
    id: newId(),
    source,
    url: url ?? `${files?.length ?? 0} files`,
    status: 'queued',
    folder: 'loras',
    bytesDone: 0,
    verification: 'pending',
    attempts: 0,
    priority,
    spaceId: spaceId ?? actor.personalSpaceId,
    createdBy: actor.userId,
    createdAt: time,
  }
}
