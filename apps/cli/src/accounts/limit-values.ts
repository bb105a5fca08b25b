import type { Limits } from '@easel/client'
import { usageError } from '../exit-codes.ts'
import { formatSeconds } from '../output/units.ts'

/** Takes a limit away. Commander makes an empty text of null. */
export const none = 'none'
export type OrNone<T> = T | typeof none

export function amount(name: string, { min = 0, whole = false } = {}): (text: string) => OrNone<number> {
  return (text) => {
    if (text === none) return none
    const value = Number(text)
    if (!/^\d{1,15}(\.\d{1,9})?$/.test(text) || value < min || (whole && !Number.isInteger(value))) {
      throw usageError(`${name} is ${whole ? 'a whole number' : 'a number'} from ${min} on, or none`)
    }
    return value
  }
}

/** Dollars as people write them; the API counts in millionths. */
export function money(name: string): (text: string) => OrNone<number> {
  const read = amount(name)
  return (text) => {
    const dollars = read(text.replace(/^\$/, ''))
    return dollars === none ? none : Math.round(dollars * 1_000_000)
  }
}

/** Repeated options, or `none` alone. */
export function patterns(text: string, before: OrNone<readonly string[]> = []): OrNone<string[]> {
  return text === none ? none : [...(before === none ? [] : before), text]
}

export function limitFacts(limits: Limits): [string, string | number | null | undefined][] {
  return [
    ['Weight', limits.weight],
    ['Running at once', limits.maxRunning],
    ['Not ended', limits.maxOpen],
    ['GPU time a day', formatSeconds(limits.gpuSecondsPerDay)],
    ['GPU time a month', formatSeconds(limits.gpuSecondsPerMonth)],
    ['Cost a day', formatCost(limits.costMicrosPerDay)],
    ['Cost a month', formatCost(limits.costMicrosPerMonth)],
    ['Models', limits.allowedModels && (limits.allowedModels.join(' ') || 'none allowed')],
    ['Denied nodes', limits.deniedNodes?.join(' ')],
  ]
}

/** `$0.25`; what is less than a cent with all its digits. */
export function formatCost(micros: number | null | undefined): string {
  if (micros === null || micros === undefined) return ''
  const dollars = micros / 1_000_000
  return `$${micros > 0 && micros < 10_000 ? dollars.toFixed(6).replace(/0+$/, '') : dollars.toFixed(2)}`
}
