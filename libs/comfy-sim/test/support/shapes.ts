/** Values that name a run, a moment or a machine; they differ from recording to recording. */
const changing = new Set([
  'timestamp',
  'number',
  'create_time',
  'execution_start_time',
  'execution_end_time',
  'priority',
  'sid',
  'prompt_id',
  'id',
  'exception_message',
  'traceback',
  'current_inputs',
  'current_outputs',
  'executed',
  'total',
  'has_more',
  'value',
  'max',
])
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

const plainText = (text: string) =>
  text
    .replaceAll(uuid, '<id>')
    .replaceAll(/_\d{5}(?=[_.])/g, '_<n>')
    .replaceAll(/ComfyUI_temp_[a-z]{5}/g, 'ComfyUI_temp_<x>')

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value without what must differ: key order of errors, ids, counters, times. */
export function normal(value: unknown, key = ''): unknown {
  if (changing.has(key)) return value === null ? null : `<${typeof value}>`
  if (typeof value === 'string') return plainText(value)
  if (Array.isArray(value)) {
    // A queue entry: its number depends on what the server has seen before.
    const items = value.map((item, index) => (key === 'prompt' && index === 0 ? '<number>' : normal(item)))
    // Python judges inputs in the order of a set and names nodes in the order of another.
    return key === 'errors' || key === 'nodes'
      ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items
  }
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((name) => [plainText(name), normal(value[name], name)]),
  )
}

/** Only the kinds of things in a value: keys, and what kind each holds. */
export function shape(value: unknown): unknown {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
  if (!isRecord(value)) return typeof value
  const entries = Object.keys(value).toSorted()
  const named = entries.every((name) => !/^\d+$|^<id>$|^[0-9a-f-]{36}$/.test(name))
  if (!named) return { '*': shape(value[entries[0]!]) }
  return Object.fromEntries(entries.map((name) => [name, shape(value[name])]))
}
