import { AppError } from '@easel/protocol'
import type { SourceAnswer, SourceHttp, SourceRequest } from '../http/source-http.ts'
import { Lenient } from '../lenient.ts'
import type { SourceModel } from '../source-model.ts'
import type {
  Fetched,
  GetModelOptions,
  HashMatch,
  ModelSource,
  SourceFiles,
  SourcePage,
  SourceQuery,
  VersionOfModel,
} from '../source.ts'
import { modelOf, versionOf, withDetail } from './civitai-model.ts'
import {
  commonParameters,
  filterParameters,
  hasFilter,
  isAllowedLevel,
  limitOf,
  matchesText,
  passesFilters,
  readCursor,
  sortParameter,
  unheard,
  writeCursor,
  type Parameters,
} from './civitai-query.ts'

const hourMs = 3_600_000
const mostHashes = 100
const mostPerPage = '100'
/** How many pages of a filter are looked through for a name before a page is given as it is. */
const mostPagesMatched = 3

type Page = { models: SourceModel[]; next: string | undefined; answer: SourceAnswer; lenient: Lenient }

/** CivitAI's REST API, version 1. */
export class CivitaiSource implements ModelSource {
  readonly id = 'civitai'
  readonly #http: SourceHttp
  readonly #baseUrl: string

  constructor(http: SourceHttp, { baseUrl }: { baseUrl: string }) {
    this.#http = http
    this.#baseUrl = baseUrl
  }

  async search(query: SourceQuery, signal?: AbortSignal): Promise<SourcePage> {
    const cursor = readCursor(query.cursor)
    if (cursor?.way === 'matched') return this.#matched(query, { from: cursor.upstream, signal })
    const page = await this.#listed(asked(query, cursor?.upstream), signal)
    const isCombined = query.text !== undefined && hasFilter(query)
    if (isCombined && !cursor && page.models.length === 0)
      return this.#matched(query, { from: undefined, signal })
    return pageOf(query, page, writeCursor({ way: 'asked', upstream: page.next }))
  }

  async getModel(id: string, { signal, refresh }: GetModelOptions = {}): Promise<Fetched<SourceModel>> {
    const answer = await this.#ask({
      path: `/api/v1/models/${number(id)}`,
      pageUrl: this.#page(id),
      signal,
      ...(refresh && { refresh }),
    })
    const lenient = new Lenient()
    const fields = lenient.object(answer.json, 'model')
    const model = fields && modelOf(fields, { baseUrl: this.#baseUrl })
    if (!model) throw odd()
    return fetched(await this.#withDetail(model, signal), answer, lenient)
  }

  /** Its newest version as its own answer tells it; the others when they are asked for. */
  async #withDetail(model: SourceModel, signal: AbortSignal | undefined): Promise<SourceModel> {
    const [newest, ...older] = model.versions
    if (!newest || model.mode !== null) return model
    try {
      const { value } = await this.getVersion(newest.id, signal)
      return { ...model, versions: [withDetail(newest, value.version), ...older] }
    } catch (cause) {
      if (cause instanceof AppError && cause.code !== 'internal') return model
      throw cause
    }
  }

  async getVersion(id: string, signal?: AbortSignal): Promise<Fetched<VersionOfModel>> {
    const answer = await this.#ask({ path: `/api/v1/model-versions/${number(id)}`, maxAgeMs: hourMs, signal })
    const lenient = new Lenient()
    const version = this.#versionIn(answer.json, lenient)
    if (!version) throw odd()
    return fetched(version, answer, lenient)
  }

  /** SHA-256s by the hundred, other kinds one by one; the unknown are left out. */
  async findByHashes(hashes: readonly string[], signal?: AbortSignal): Promise<HashMatch[]> {
    const wanted = [...new Set(hashes.map((hash) => hash.toLowerCase()))]
    const whole = wanted.filter((hash) => hash.length === 64)
    const batches = Array.from({ length: Math.ceil(whole.length / mostHashes) }, (_, index) =>
      whole.slice(index * mostHashes, (index + 1) * mostHashes),
    )
    const found: HashMatch[] = []
    for (const batch of batches) {
      const versions =
        batch.length === 1 ? await this.#byHash(batch[0]!, signal) : await this.#bySha256(batch, signal)
      found.push(...matches(versions, batch))
    }
    const missing = whole.filter((hash) => !found.some((match) => match.hash === hash))
    const others = wanted.filter((hash) => hash.length !== 64)
    // The list knows SHA-256 only; a digest of 64 digits may be BLAKE3's.
    for (const hash of whole.length > 1 && missing.length <= 3 ? [...others, ...missing] : others) {
      found.push(...matches(await this.#byHash(hash, signal), [hash]))
    }
    return found
  }

  async listFiles(id: string, options: GetModelOptions = {}): Promise<Fetched<SourceFiles>> {
    const { value: model, ...rest } = await this.getModel(id, options)
    const version = model.versions.find(({ files }) => files.length > 0)
    if (!version) throw new AppError('not_found', 'This model has no files', { reason: 'FILE_NOT_FOUND' })
    return { ...rest, value: { modelId: id, versionId: version.id, files: version.files } }
  }

  /**
   * Text and filters together find next to nothing at CivitAI. So its filters are asked for alone and names are
   * matched here, after what text alone finds and the filters let pass.
   */
  async #matched(
    query: SourceQuery,
    { from, signal }: { from: string | undefined; signal: AbortSignal | undefined },
  ) {
    const limit = limitOf(query)
    const found = new Map<string, SourceModel>()
    const byText =
      from === undefined ? await this.#listed(asked(textOnly(query), undefined), signal) : undefined
    for (const model of byText?.models ?? []) if (passesFilters(model, query)) found.set(model.id, model)
    let next = from
    let page: Page | undefined
    for (
      let pages = 0;
      pages < mostPagesMatched && (pages === 0 || (next !== undefined && found.size < limit));
      pages++
    ) {
      page = await this.#listed(asked(filterOnly(query), next), signal)
      for (const model of page.models) if (matchesText(model, query.text ?? '')) found.set(model.id, model)
      next = page.next
    }
    const cursor = writeCursor({ way: 'matched', upstream: next })
    return pageOf(query, { ...page!, models: [...found.values()] }, cursor)
  }

  async #listed(query: Parameters, signal: AbortSignal | undefined): Promise<Page> {
    const answer = await this.#ask({ path: '/api/v1/models', query, signal })
    const lenient = new Lenient()
    const fields = lenient.object(answer.json, 'page')
    if (!fields || !Array.isArray(fields.get('items'))) throw odd()
    const models = fields.each('items', (item) => modelOf(item, { baseUrl: this.#baseUrl }))
    return { models, next: fields.object('metadata')?.id('nextCursor') ?? undefined, answer, lenient }
  }

  async #byHash(hash: string, signal: AbortSignal | undefined): Promise<VersionOfModel[]> {
    try {
      const answer = await this.#ask({
        path: `/api/v1/model-versions/by-hash/${hash.toUpperCase()}`,
        maxAgeMs: hourMs,
        signal,
      })
      return [this.#versionIn(answer.json, new Lenient())].filter((version) => version !== undefined)
    } catch (cause) {
      if (cause instanceof AppError && cause.code === 'not_found') return []
      throw cause
    }
  }

  async #bySha256(hashes: readonly string[], signal: AbortSignal | undefined): Promise<VersionOfModel[]> {
    const json = hashes.map((hash) => hash.toUpperCase())
    const answer = await this.#ask({ path: '/api/v1/model-versions/by-hash', json, maxAgeMs: hourMs, signal })
    const list: unknown = answer.json
    const lenient = new Lenient()
    return lenient.each(list, 'versions', ({ raw }) => this.#versionIn(raw, lenient))
  }

  #versionIn(raw: unknown, lenient: Lenient): VersionOfModel | undefined {
    const fields = lenient.object(raw, 'version')
    const modelId = fields?.id('modelId')
    if (!fields || !modelId || !/^\d+$/.test(modelId)) return undefined
    const version = versionOf(fields, { baseUrl: this.#baseUrl, modelId })
    const about = fields.object('model')?.raw ?? {}
    const model = lenient.object({ ...about, id: Number(modelId), modelVersions: [] }, 'model')
    const known = model && modelOf(model, { baseUrl: this.#baseUrl })
    if (!version || !known) return undefined
    const whole = { ...known, raw: about, versions: [version], updatedAt: version.publishedAt }
    return { modelId, modelName: whole.name, model: whole, version, raw }
  }

  #ask(request: SourceRequest): Promise<SourceAnswer> {
    return this.#http.ask(request)
  }

  #page(id: string): string {
    return `${this.#baseUrl}/models/${id}`
  }
}

function asked(query: SourceQuery, upstream: string | undefined): Parameters {
  return [
    ['limit', String(limitOf(query))],
    ...(query.text === undefined ? [] : ([['query', query.text]] as const)),
    ...filterParameters(query),
    ...sortParameter(query),
    ...commonParameters(query),
    ...(upstream === undefined ? [] : ([['cursor', upstream]] as const)),
  ]
}

function textOnly({ text, nsfwLevels }: SourceQuery): SourceQuery {
  return {
    limit: Number(mostPerPage),
    ...(text !== undefined && { text }),
    ...(nsfwLevels !== undefined && { nsfwLevels }),
  }
}

function filterOnly({ text: _text, ...query }: SourceQuery): SourceQuery {
  return { ...query, limit: Number(mostPerPage) }
}

function pageOf(
  query: SourceQuery,
  { models, answer, lenient }: Page,
  nextCursor: string | null,
): SourcePage {
  for (const text of unheard(query)) lenient.warn(text)
  const value = models.filter((model) => isAllowedLevel(model, query))
  return { ...fetched(value, answer, lenient), nextCursor }
}

function matches(versions: readonly VersionOfModel[], hashes: readonly string[]): HashMatch[] {
  return hashes.flatMap((hash) => {
    for (const found of versions) {
      const file = found.version.files.find((each) => hashesOf(each).includes(hash))
      if (file) return [{ ...found, hash, file }]
    }
    return []
  })
}

const hashesOf = (file: HashMatch['file']) => [
  file.sha256,
  file.autoV1,
  file.autoV2,
  file.autoV3,
  file.crc32,
  file.blake3,
]

function fetched<T>(value: T, { stale, fetchedAt }: SourceAnswer, { warnings }: Lenient): Fetched<T> {
  return { value, stale, fetchedAt, warnings }
}

function number(id: string): string {
  if (/^\d{1,15}$/.test(id)) return id
  throw new AppError('not_found', 'CivitAI knows its models by numbers', { reason: 'MODEL_NOT_FOUND' })
}

function odd(): AppError {
  return new AppError('unavailable', 'CivitAI answers in another form than it should', {
    reason: 'SOURCE_UNAVAILABLE',
  })
}
