/**
 * JSON whose whole numbers keep all their digits. ComfyUI seeds go up to 2^64 - 1, and `JSON.parse` rounds
 * what is beyond 2^53: such numbers become `bigint` here, and are written again as plain digits.
 */
type SourceContext = { source?: string }
type RawJson = { rawJSON(text: string): unknown }

const longDigits = /\d{16}/

export function parseJson(text: string): unknown {
  // The reviver costs several times a plain parse, so only texts that need it pay.
  if (!longDigits.test(text)) return JSON.parse(text)
  return JSON.parse(text, ((_key: string, value: unknown, context?: SourceContext) => {
    const exact =
      typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    return exact ? BigInt(context!.source!) : value
  }) as (key: string, value: unknown) => unknown)
}

export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    // It refuses a `bigint`; the replacer costs several times as much, so only what has one pays.
    return stringifyExactly(value)
  }
}

function stringifyExactly(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? (JSON as unknown as RawJson).rawJSON(item.toString()) : item,
  )
}
