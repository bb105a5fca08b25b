import type { CreateDownload } from '@easel/client'

/** What somebody pasted, as far as its looks tell. `url` is any other address of a file. */
export type Recognised = {
  kind: 'civitai' | 'huggingface' | 'air' | 'hash' | 'url'
  /** What it is, in words. */
  words: string
  /** The model of the page, where it names one: `civitai:123`. */
  model?: string
}

const hash = /^(?:0x)?([0-9a-f]{64}|[0-9a-f]{12}|[0-9a-f]{10})$/i
const hashes: Record<number, string> = { 64: 'SHA-256', 12: 'AutoV3', 10: 'AutoV2' }

export function isHash(text: string): boolean {
  return hash.test(text.trim())
}

export function recognise(text: string): Recognised | undefined {
  const given = text.trim()
  if (given === '') return undefined
  const digest = hash.exec(given)?.[1]
  if (digest !== undefined) return { kind: 'hash', words: `The ${hashes[digest.length]} of a file` }
  if (/^urn:air:/i.test(given) || /^civitai:\d+/i.test(given))
    return { kind: 'air', words: 'A model by its AIR' }
  if (/^hf:/i.test(given)) return { kind: 'huggingface', words: 'Of Hugging Face' }
  const url = urlOf(given)
  if (!url) {
    if (!isRepo(given)) return undefined
    return { kind: 'huggingface', words: 'A repository of Hugging Face', model: `huggingface:${given}` }
  }
  return (
    ofCivitai(url) ?? ofHuggingFace(url) ?? { kind: 'url', words: `The address of a file at ${url.host}` }
  )
}

const isRepo = (text: string): boolean =>
  /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/.test(text) && !text.includes('civitai.com')

function ofCivitai({ hostname, pathname, searchParams }: URL): Recognised | undefined {
  if (!/(^|\.)civitai\.(com|red|green)$/.test(hostname)) return undefined
  const id = /^\/models\/(\d+)/.exec(pathname)?.[1]
  const version = searchParams.get('modelVersionId') ?? /\/download\/models\/(\d+)/.exec(pathname)?.[1]
  const words =
    version === null || version === undefined ? 'A model of CivitAI' : 'A version of a model of CivitAI'
  return { kind: 'civitai', words, ...(id !== undefined && { model: `civitai:${id}` }) }
}

function ofHuggingFace({ hostname, pathname }: URL): Recognised | undefined {
  if (!/^(www\.)?(huggingface\.co|hf\.co)$/.test(hostname)) return undefined
  const [owner, name, verb, , ...file] = pathname.split('/').filter(Boolean)
  if (owner === undefined || name === undefined) return { kind: 'huggingface', words: 'Of Hugging Face' }
  const words =
    (verb === 'resolve' || verb === 'blob') && file.length > 0
      ? 'A file of Hugging Face'
      : 'A repository of Hugging Face'
  return { kind: 'huggingface', words, model: `huggingface:${owner}/${name}` }
}

function urlOf(text: string): URL | undefined {
  const whole = /^(www\.)?(civitai\.com|huggingface\.co)\//i.test(text) ? `https://${text}` : text
  return /^https?:\/\//i.test(whole) && URL.canParse(whole) ? new URL(whole) : undefined
}

/** How it is asked for; the address of a file needs a folder. */
export function wishOf(text: string, folder: NonNullable<CreateDownload['folder']>): CreateDownload {
  const given = text.trim()
  const found = recognise(given)
  if (found?.kind === 'hash') return { source: 'hash', hash: given.replace(/^0x/i, '') }
  if (found === undefined || found.kind === 'url') return { source: 'url', url: given, folder }
  return { source: 'reference', reference: isRepo(given) ? `hf://${given}` : given }
}
