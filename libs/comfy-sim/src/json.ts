/**
 * ComfyUI is Python: integers have any size, and seeds use the full 64 bits. A plain `JSON.parse` would round
 * them, so integers beyond 2^53 stay as raw JSON and are written back digit by digit.
 */
type RawNumber = { readonly rawJSON: string }
type RawJson = { rawJSON(text: string): RawNumber; isRawJSON(value: unknown): value is RawNumber }
type SourceReviver = (key: string, value: unknown, context: { source?: string }) => unknown

const raw = JSON as unknown as RawJson
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown
const longDigits = /\d{16}/

export function parseJson(text: string): unknown {
  if (!longDigits.test(text)) return JSON.parse(text)
  return parseWithSource(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source && /^-?\d+$/.test(source)
      ? raw.rawJSON(source)
      : value,
  )
}

export const isRawNumber = (value: unknown): value is RawNumber => raw.isRawJSON(value)

/** A float as Python writes it: with a point, also when it is whole. */
export const pythonFloat = (value: number): unknown =>
  Number.isSafeInteger(value) ? raw.rawJSON(`${value}.0`) : value

/** The number a value stands for; a 64-bit integer loses its last digits. */
export const asNumber = (value: unknown): number =>
  isRawNumber(value) ? Number(value.rawJSON) : Number(value)

/** The digits of a number, exact also beyond 2^53. */
export const asDigits = (value: unknown): string => (isRawNumber(value) ? value.rawJSON : String(value))

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)

const nonAscii = /[\u007f-\uffff]/g
const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** What Python's `json.dumps` writes: spaces after separators, everything but ASCII escaped. */
export function pythonJson(value: unknown): string {
  if (isRawNumber(value)) return value.rawJSON
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (isRecord(value)) {
    const entries = Object.keys(value).map((key) => `${pythonJson(key)}: ${pythonJson(value[key])}`)
    return `{${entries.join(', ')}}`
  }
  return (JSON.stringify(value) ?? 'null').replace(nonAscii, escapeUnit)
}

/** How Python prints a value inside a message. */
export function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`
  return isRecord(value)
    ? `{${Object.entries(value)
        .map(([key, item]) => `'${key}': ${pythonText(item)}`)
        .join(', ')}}`
    : asDigits(value)
}
