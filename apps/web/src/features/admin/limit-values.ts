import type { Limits } from '@easel/client'

/** What a field of the limits holds: numbers, GPU time, dollars, or names, one in each line. */
export type LimitKind = 'number' | 'whole' | 'time' | 'money' | 'names'

const units: Readonly<Record<string, number>> = { s: 1, sec: 1, m: 60, min: 60, h: 3_600, d: 86_400 }

/** `10 h`, `1 h 30 min`, `90 min`, `3600` → seconds. Undefined: it says none. */
export function readTime(text: string): number | undefined {
  const plain = text.trim().toLowerCase()
  if (/^\d+(\.\d+)?$/.test(plain)) return Number(plain)
  const parts = [...plain.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)]
  const rest = plain.replaceAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g, '').trim()
  if (parts.length === 0 || rest !== '') return undefined
  const seconds = parts.map(([, amount, unit]) => Number(amount) * (units[unit!] ?? Number.NaN))
  const sum = seconds.reduce((all, each) => all + each, 0)
  return Number.isFinite(sum) ? sum : undefined
}

export function writeTime(seconds: number): string {
  if (seconds % 60 !== 0 || seconds === 0) return `${seconds} s`
  const [hours, minutes] = [Math.floor(seconds / 3_600), (seconds % 3_600) / 60]
  return [hours > 0 && `${hours} h`, minutes > 0 && `${minutes} min`].filter(Boolean).join(' ')
}

export function writeLimit(kind: LimitKind, value: Limits[keyof Limits]): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.join('\n')
  if (kind === 'time') return writeTime(value)
  return kind === 'money' ? String(value / 1_000_000) : String(value)
}

/** Null: nothing is set. Throws in words that stand beneath the field. */
export function readLimit(kind: LimitKind, text: string): Limits[keyof Limits] {
  const plain = text.trim()
  if (plain === '') return null
  if (kind === 'names') {
    const names = plain.split('\n').map((name) => name.trim())
    return names.filter((name) => name !== '')
  }
  if (kind === 'time') {
    const seconds = readTime(plain)
    if (seconds === undefined) throw new RangeError('A time, such as 10 h, 90 min or 3600 (seconds).')
    return seconds
  }
  const value = Number(plain.replace(/^\$/, ''))
  if (!Number.isFinite(value) || value < 0) throw new RangeError('A number from 0 on.')
  if (kind === 'whole' && !Number.isInteger(value)) throw new RangeError('A whole number.')
  return kind === 'money' ? Math.round(value * 1_000_000) : value
}
