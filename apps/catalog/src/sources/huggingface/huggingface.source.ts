import { AppError } from '@easel/protocol'
import type { SourceAnswer, SourceHttp } from '../http/source-http.ts'
import { Lenient } from '../lenient.ts'
import { fromMarkdown } from '../markdown.ts'
import type { SourceModel } from '../source-model.ts'
import type {
  Fetched,
  GetModelOptions,
  ListFilesOptions,
  ModelSource,
  SourceFiles,
  SourcePage,
  SourceQuery,
} from '../source.ts'
import { filesOf, isPath, modelOf, type ListedFile } from './hf-model.ts'
import { hubQuery, nextCursor, passes } from './hf-query.ts'

const commit = /^[0-9a-f]{40}$/
/** What a commit holds never changes. */
const foreverMs = 30 * 86_400_000
const mostEmptyPages = 3
const mostTreePages = 200
const mostCardLetters = 400_000

/** Hugging Face's hub. */
export class HuggingFaceSource implements ModelSource {
  readonly id = 'huggingface'
  readonly #http: SourceHttp
  readonly #baseUrl: string

  constructor(http: SourceHttp, { baseUrl }: { baseUrl: string }) {
    this.#http = http
    this.#baseUrl = baseUrl
  }

  /** A page may hold fewer than asked for: what has no weights is left out. Pages that hold nothing are passed over. */
  async search(query: SourceQuery, signal?: AbortSignal): Promise<SourcePage> {
    let cursor = query.cursor
    for (let pages = 1; ; pages++) {
      const { parameters, warnings } = hubQuery({ ...query, ...(cursor !== undefined && { cursor }) })
      const answer = await this.#http.ask({ path: '/api/models', query: parameters, signal })
      const lenient = new Lenient()
      for (const warning of warnings) lenient.warn(warning)
      const list: unknown = answer.json
      if (!Array.isArray(list)) throw odd()
      const models = lenient.each(list, 'models', (fields) => modelOf(fields, { baseUrl: this.#baseUrl }))
      const value = models.filter((model) => passes(model, query))
      const next = nextCursor(answer.link)
      if (value.length > 0 || next === null || pages === mostEmptyPages) {
        return { ...fetched(value, answer, lenient), nextCursor: next }
      }
      cursor = next
    }
  }

  async getModel(id: string, options: GetModelOptions = {}): Promise<Fetched<SourceModel>> {
    const { model, answer, lenient } = await this.#info(id, options)
    const card = await this.#card(model, options.signal)
    const { markdown, text } = fromMarkdown(card)
    return fetched({ ...model, description: text, descriptionMarkdown: markdown }, answer, lenient)
  }

  /** From the tree of a commit: every file with size, and the SHA-256 of all large ones. */
  async listFiles(id: string, options: ListFilesOptions = {}): Promise<Fetched<SourceFiles>> {
    const { revision, signal, below = '' } = options
    const known = revision !== undefined && commit.test(revision) ? { id, commit: revision } : undefined
    const at = known ?? (await this.#commitOf(id, options))
    if (below !== '' && !isPath(below))
      throw new AppError('not_found', 'There is no such folder', { reason: 'FILE_NOT_FOUND' })
    const path = `/api/models/${repo(at.id)}/tree/${at.commit}${below === '' ? '' : `/${encoded(below)}`}`
    const lenient = new Lenient()
    const listed: ListedFile[] = []
    let cursor: string | null = null
    let answer: SourceAnswer
    let pages = 0
    do {
      const query = [
        ['recursive', 'true'] as const,
        ...(cursor === null ? [] : [['cursor', cursor] as const]),
      ]
      answer = await this.#http.ask({ path, query, maxAgeMs: foreverMs, pageUrl: this.#page(id), signal })
      listed.push(...entriesOf(answer.json, lenient))
      cursor = nextCursor(answer.link)
    } while (cursor !== null && ++pages < mostTreePages)
    const files = filesOf(listed, { baseUrl: this.#baseUrl, id: at.id, revision: at.commit })
    return fetched({ modelId: at.id, versionId: at.commit, files }, answer, lenient)
  }

  async #commitOf(id: string, options: GetModelOptions): Promise<{ id: string; commit: string }> {
    const { model } = await this.#info(id, options)
    const found = model.versions[0]!.id
    if (!commit.test(found)) throw odd()
    return { id: model.id, commit: found }
  }

  async #info(id: string, { revision, signal, refresh }: GetModelOptions) {
    const at = revision === undefined ? '' : `/revision/${encodeURIComponent(revision)}`
    const answer = await this.#http.ask({
      path: `/api/models/${repo(id)}${at}`,
      query: [['blobs', 'true']],
      pageUrl: this.#page(id),
      signal,
      ...(refresh && { refresh }),
      ...(revision !== undefined && commit.test(revision) && { maxAgeMs: foreverMs }),
    })
    const lenient = new Lenient()
    const fields = lenient.object(answer.json, 'model')
    const model = fields && modelOf(fields, { baseUrl: this.#baseUrl })
    if (!model) throw odd()
    return { model, answer, lenient }
  }

  /** Of gated repositories it is hidden; a model is known without it, too. */
  async #card(
    { id, versions: [version] }: SourceModel,
    signal: AbortSignal | undefined,
  ): Promise<string | null> {
    if (!version?.files.some((file) => file.id === 'README.md' && (file.bytes ?? 0) < mostCardLetters))
      return null
    try {
      const path = `/${repo(id)}/resolve/${version.id}/README.md`
      const { text } = await this.#http.ask({ path, as: 'text', maxAgeMs: foreverMs, signal })
      return text
    } catch (cause) {
      if (cause instanceof AppError && cause.code !== 'internal') return null
      throw cause
    }
  }

  #page(id: string): string {
    return `${this.#baseUrl}/${id}`
  }
}

function entriesOf(tree: unknown, lenient: Lenient): ListedFile[] {
  if (!Array.isArray(tree)) throw odd()
  return lenient.each(tree, 'tree', (entry) => {
    const path = entry.text('path')
    if (entry.text('type') !== 'file' || path === null || !isPath(path)) return undefined
    const lfs = entry.object('lfs')
    return { path, bytes: lfs?.number('size') ?? entry.number('size'), sha256: lfs?.text('oid') ?? null }
  })
}

/** `owner/name`, or an old name without an owner. */
function repo(id: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,95}(\/[A-Za-z0-9][\w.-]{0,95})?$/.test(id)) return id
  throw new AppError('not_found', 'Hugging Face knows its models as owner/name', {
    reason: 'MODEL_NOT_FOUND',
  })
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function fetched<T>(value: T, { stale, fetchedAt }: SourceAnswer, { warnings }: Lenient): Fetched<T> {
  return { value, stale, fetchedAt, warnings }
}

function odd(): AppError {
  return new AppError('unavailable', 'Hugging Face answers in another form than it should', {
    reason: 'SOURCE_UNAVAILABLE',
  })
}
