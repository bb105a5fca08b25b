import type { MessageClass } from '@easel/protocol'
import { fieldsOf } from '../openapi/schema.ts'
import type { Schema } from '../openapi/schema.ts'

/**
 * A query string is all text: what the rules want as number, flag or list becomes one. What does not look like
 * it stays text, so that the rules name the fault.
 */
export function readQuery(message: MessageClass, query: Readonly<Record<string, unknown>>): object {
  const schemas = new Map(fieldsOf(message).map(({ name, schema }) => [name, schema]))
  const entries = Object.entries(query).map(([name, value]) => [name, convert(schemas.get(name), value)])
  return Object.fromEntries(entries)
}

function convert(schema: Schema | undefined, value: unknown): unknown {
  if (schema?.type === 'array') {
    const items = (Array.isArray(value) ? value : [value]).flatMap((item) => String(item).split(','))
    return items.map((item) => convert(schema.items, item))
  }
  if (typeof value !== 'string') return value
  const type = schema?.type ?? typeof schema?.enum?.[0]
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  if (type === 'boolean' && /^(true|1)$/.test(value)) return true
  if (type === 'boolean' && /^(false|0)$/.test(value)) return false
  return value
}
