import { exactNumber } from './form-model.ts'

type Bounds = { min: unknown; max: unknown; isWhole: boolean }

/** What somebody typed, within the bounds; `note` says what was made of it. Whole numbers keep all their digits. */
export function readNumber(
  text: string,
  { min, max, isWhole }: Bounds,
): { value?: number | bigint; note?: string } {
  const plain = text.trim().replace(',', '.')
  if (!/^[+-]?(\d{1,25}(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i.test(plain)) return { note: 'A number is needed' }
  const whole = /^[+-]?\d+$/.test(plain) ? BigInt(plain) : undefined
  const number = Number(plain)
  const value = whole !== undefined ? exactNumber(whole) : isWhole ? Math.round(number) : number
  if (isLimit(min) && value < min) return { value: min, note: `At least ${min}` }
  if (isLimit(max) && value > max) return { value: max, note: `At most ${max}` }
  return { value }
}

const isLimit = (limit: unknown): limit is number | bigint =>
  typeof limit === 'number' || typeof limit === 'bigint'
