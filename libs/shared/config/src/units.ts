const byteUnits = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
  ['tib', 2 ** 40],
])
const durationUnits = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** `4GiB`, `1.5 GB`, `1024` → bytes, or undefined. */
export function parseBytes(text: string): number | undefined {
  return parse(text, byteUnits)
}

/** `250ms`, `30s`, `5m`, `2h`, `7d` → milliseconds, or undefined; a bare number says too little and is refused. */
export function parseDuration(text: string): number | undefined {
  return parse(text, durationUnits)
}

function parse(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = units.get(unit?.toLowerCase() ?? '')
  if (amount === undefined || factor === undefined) return amount === '0' ? 0 : undefined
  const value = Math.round(Number(amount) * factor)
  return Number.isSafeInteger(value) ? value : undefined
}
