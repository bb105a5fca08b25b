import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { CreateDownload, needs, RemoteSourceId, ResolvedFile } from '@easel/contracts'
import type { Sealer } from '@easel/config'
import { addressPolicy, parseOutgoingUrl } from '@easel/http'
import { AppError, newId } from '@easel/protocol'
import type { Actor, Client } from '@easel/protocol'
import type { SourceOrigins } from '../sources/source-origins.ts'
import { sealAddresses } from '../sources/wanted-files.ts'
import type { SourceTokens } from '../tokens/source-tokens.ts'
import type { NewTransfer } from '../transfers/transfers.repository.ts'
import { requireFileName, requireFilePath } from './file-name.ts'
import { shownUrl } from './shown-url.ts'
import { lacking, wishesOf } from './wishes.ts'

type Parts = {
  needs: Client<typeof needs>
  tokens: SourceTokens
  origins: SourceOrigins
  sealer: Sealer
  allowPrivate: boolean | readonly string[]
}

/** What a request comes to: files, none of them twice. */
export type Order = {
  source: string
  /** As it is shown. */
  url: string
  title: string | null
  modelId: string | null
  versionId: string | null
  files: readonly NewTransfer[]
}

type Wanted = {
  urls: readonly string[]
  token: string | null
  folder: string
  filename: string | null
  sha256: string | null
  bytes: number | null
  approvalUrl: string | null
}

/** Asking CivitAI or Hugging Face takes a while. */
const resolveMs = 60_000
const mostFiles = 500

/** Makes of a request the files that it is for; the catalogue is asked where they are. */
export class Orders {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async of(actor: Actor, input: CreateDownload): Promise<Order> {
    const wishes = wishesOf(input)
    const nobody = { title: null, modelId: null, versionId: null }
    if (!wishes) {
      const transfer = this.#transfer(this.#plain(input), input)
      return { ...nobody, source: 'url', url: transfer.url, files: [transfer] }
    }
    const timeoutMs = resolveMs
    const { files: found } = await this.#parts.needs.resolve({ wishes }, { actor, timeoutMs })
    await this.#requireOpen(found, input)
    const files = once(this.#placed(found, input).map((wanted) => this.#transfer(wanted, input)))
    return {
      source: input.source!,
      url: files[0]!.url,
      title: titleOf(found),
      modelId: only(found.map(({ modelId }) => modelId ?? null)),
      versionId: only(found.map(({ versionId }) => versionId ?? null)),
      files,
    }
  }

  #plain({ url, mirrors = [], folder, filename, sha256, token }: CreateDownload): Wanted {
    if (url === undefined || folder === undefined) {
      throw lacking(
        url === undefined ? 'url' : 'folder',
        "A download needs an address (url) and a folder, or another source: civitai, huggingface, hash, bundle, or reference for the address of a model's page",
      )
    }
    return {
      urls: [...new Set([url, ...mirrors].map((each) => this.#allowed(each)))],
      token: token ?? null,
      folder,
      filename: filename === undefined ? null : requireFileName(filename, folder),
      sha256: sha256?.toLowerCase() ?? null,
      bytes: null,
      approvalUrl: null,
    }
  }

  /** A file that is not given to everybody is asked for only with somebody's token. */
  async #requireOpen(files: readonly ResolvedFile[], { token }: CreateDownload): Promise<void> {
    for (const { gate, approvalUrl, title, filename, token: source } of files) {
      if (gate === 'open' || token !== undefined) continue
      if (source && (await this.#parts.tokens.has(source))) continue
      const where = approvalUrl ? ` Ask for it at ${approvalUrl}, then` : ''
      const whose = source ? names[source] : 'the source'
      const message = `${title ?? filename} is not given to everybody.${where} let an administrator store a token of ${whose}, or give one with the request`
      const details = { ...(approvalUrl && { approvalUrl }), gate }
      throw new AppError('forbidden', message, { reason: 'MODEL_GATED', details })
    }
  }

  #placed(found: readonly ResolvedFile[], { folder, filename, sha256, token }: CreateDownload): Wanted[] {
    if (found.length > mostFiles) {
      const message = `These are ${found.length} files; ${mostFiles} at once are the most. Name fewer by patterns`
      throw new AppError('invalid', message)
    }
    if (found.length > 1 && (filename !== undefined || sha256 !== undefined)) {
      throw lacking('filename', 'A file name or hash can be given for one file only')
    }
    const tokenFor = this.#tokenFor(found, token)
    const hash = sha256?.toLowerCase()
    const wanted = found.flatMap((file): Wanted[] => {
      const place = placeOf(file, { folder, filename })
      if (!place) return []
      const published = file.sha256?.toLowerCase() ?? null
      if (hash !== undefined && published !== null && hash !== published) {
        const message = `The file that was found has another SHA-256 than the one asked for: ${published}`
        throw new AppError('conflict', message, { reason: 'MODEL_NOT_FOUND' })
      }
      return [
        {
          ...place,
          urls: file.urls.map((url) => this.#allowed(url)),
          token: tokenFor(file),
          sha256: hash ?? published,
          bytes: file.bytes ?? null,
          approvalUrl: file.approvalUrl ?? null,
        },
      ]
    })
    if (wanted.every(({ urls }) => urls.length > 0) && wanted.length > 0) return wanted
    throw new AppError('not_found', 'There is no file to download in what was asked for', {
      reason: 'NOTHING_TO_DOWNLOAD',
    })
  }

  /** For the one source that it must be of: what was found may lie anywhere, as who wrote a bundle liked it. */
  #tokenFor(
    found: readonly ResolvedFile[],
    token: string | undefined,
  ): (file: ResolvedFile) => string | null {
    if (token === undefined) return () => null
    const sourceOf = ({ urls: [url] }: ResolvedFile) =>
      url && this.#parts.origins.sourceOf(this.#allowed(url))
    const sources = new Set(found.map(sourceOf).filter((source) => source !== undefined))
    if (sources.size > 1) throw lacking('token', 'A token can be given for files of one source only')
    return (file) => (sourceOf(file) === undefined ? null : token)
  }

  #allowed(url: string): string {
    const { href, hostname } = parseOutgoingUrl(url)
    const address = hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(address) !== 0 && !addressPolicy(this.#parts.allowPrivate)(address)) {
      throw new AppError('invalid', 'This URL leads where it is not allowed to', { reason: 'URL_FORBIDDEN' })
    }
    return href
  }

  #transfer(wanted: Wanted, { priority = 0 }: CreateDownload): NewTransfer {
    const { urls, folder, filename, sha256, bytes, approvalUrl } = wanted
    const id = newId()
    const [url = ''] = urls
    const urlKey = digest(['url', url, folder, filename ?? ''])
    return {
      ...sealAddresses(this.#parts.sealer, id, wanted),
      id,
      key: sha256 === null ? urlKey : digest(['sha256', sha256, folder, filename ?? '']),
      urlKey,
      url: shownUrl(url),
      host: new URL(url).host,
      folder,
      filename,
      expectedSha256: sha256,
      expectedBytes: bytes,
      approvalUrl,
      priority,
    }
  }
}

const names: Readonly<Record<RemoteSourceId, string>> = { civitai: 'CivitAI', huggingface: 'Hugging Face' }

/** Undefined: a file of a kind that nobody needs here. */
function placeOf(
  file: ResolvedFile,
  { folder, filename }: Pick<CreateDownload, 'folder' | 'filename'>,
): { folder: string; filename: string } | undefined {
  if (filename !== undefined) {
    return { folder: folder ?? file.folder, filename: requireFileName(filename, folder ?? file.folder) }
  }
  return requireFilePath(folder ?? file.folder, file.filename)
}

function once(transfers: readonly NewTransfer[]): NewTransfer[] {
  return [...new Map(transfers.map((transfer) => [transfer.key, transfer])).values()]
}

function titleOf(files: readonly ResolvedFile[]): string | null {
  const titles = [...new Set(files.map(({ title }) => title).filter((title) => typeof title === 'string'))]
  if (titles.length === 0) return null
  return titles.length === 1 ? titles[0]! : `${titles[0]} and ${titles.length - 1} more`
}

function only(values: readonly (string | null)[]): string | null {
  const [first = null, ...others] = new Set(values)
  return others.length === 0 ? first : null
}

const digest = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex')
