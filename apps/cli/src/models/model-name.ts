import { usageError } from '../exit-codes.ts'
import { uuid } from '../run/read-workflow.ts'
import type { ModelName } from '@easel/client'

const sources = {
  civitai: 'civitai',
  hf: 'huggingface',
  huggingface: 'huggingface',
  local: 'local',
} as const

/** `civitai:4201`, `hf:owner/name`, `local:<id>`; a bare number, `owner/name` or id says by itself which it is. */
export function readModelName(text: string): ModelName {
  const [, prefix = '', id = ''] = /^([a-z]+):(.+)$/.exec(text) ?? []
  if (Object.hasOwn(sources, prefix)) return { source: sources[prefix as keyof typeof sources], id }
  if (/^\d+$/.test(text)) return { source: 'civitai', id: text }
  if (uuid.test(text)) return { source: 'local', id: text }
  if (/^[\w.-]+\/[\w.-]+$/.test(text)) return { source: 'huggingface', id: text }
  throw usageError(`${text} is no model: write civitai:4201, hf:owner/name or local:<id>`)
}

export function writeModelName({ source, id }: ModelName): string {
  return `${source === 'huggingface' ? 'hf' : source}:${id}`
}
