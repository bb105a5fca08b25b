import type { RemoteSourceId } from '@easel/contracts'

export type SourceUrls = Readonly<Record<RemoteSourceId, string>>

const own: Readonly<Record<RemoteSourceId, readonly string[]>> = {
  civitai: ['https://civitai.com', 'https://www.civitai.com'],
  huggingface: ['https://huggingface.co', 'https://hf.co'],
}

/** Where the stored token of each source may be sent: to its own origins, and to the one it is configured to have. */
export class SourceOrigins {
  readonly #sources = new Map<string, RemoteSourceId>()

  constructor(urls: SourceUrls) {
    for (const source of ['civitai', 'huggingface'] as const) {
      for (const url of [...own[source], urls[source]]) this.#sources.set(new URL(url).origin, source)
    }
  }

  /** The source that the address is one of. */
  sourceOf(url: string): RemoteSourceId | undefined {
    return this.#sources.get(new URL(url).origin)
  }
}
