import { parseJson } from '@easel/protocol'
import { usageError } from '../exit-codes.ts'

/** `3.seed=42` → `['3.seed', 42]`. What parses as JSON is JSON, with all digits; anything else is text. */
export function parseSetting(text: string): [key: string, value: unknown] {
  const [key, value] = splitPair(text, '--set 3.seed=42')
  return [key, valueOf(value)]
}

/** `12.image=photo.png`, or `12.image=asset:<id>` for what is there already. */
export function parseFileInput(text: string): [key: string, path: string] {
  return splitPair(text, '--image 12.image=photo.png')
}

export function valueOf(text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    if (cause instanceof SyntaxError) return text
    throw cause
  }
}

function splitPair(text: string, example: string): [string, string] {
  const at = text.indexOf('=')
  const key = text.slice(0, Math.max(0, at)).trim()
  // The first "=" parts the two: the input of a node is never called so, its value may hold many.
  if (at < 0 || !/^.+\..+$/.test(key)) throw usageError(`${text}: write it as in ${example}`)
  if (/(^|\.)(__proto__|constructor|prototype)$/.test(key)) throw usageError(`${key} is no input of a node`)
  return [key, text.slice(at + 1)]
}

/** As `commander` collects a repeated option. */
export function collect<T>(
  read: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => T[] {
  return (text, before = []) => [...before, read(text)]
}

/** `24GiB`, `24 GB` or a number → bytes. GB and GiB are both of 1024³, as GPU memory is told. */
export function parseSize(name: string): (text: string) => number {
  const units = { '': 1, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }
  return (text) => {
    const match = /^\s*(\d{1,7}(?:\.\d{1,3})?|\d{1,15})\s*(?:([mgt])i?b?)?\s*$/i.exec(text)
    const unit = units[(match?.[2] ?? '').toLowerCase() as keyof typeof units]
    const bytes = Math.round(Number(match?.[1]) * unit)
    if (!match || bytes < 1) throw usageError(`${name} is a size, as in 24GiB`)
    return bytes
  }
}

/** `-5` → -5 */
export function integer(name: string, { min, max }: { min: number; max: number }): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^-?\d{1,15}$/.test(text) || value < min || value > max) {
      throw usageError(`${name} is a whole number from ${min} to ${max}`)
    }
    return value
  }
}

/** `-0.8` → -0.8 */
export function numberWithin(
  name: string,
  { min, max }: { min: number; max: number },
): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^-?\d{0,6}(\.\d{1,6})?$/.test(text) || text === '' || !(value >= min && value <= max)) {
      throw usageError(`${name} is a number from ${min} to ${max}`)
    }
    return value
  }
}

/** A later one wins, as everywhere on a command line. */
export function toRecord<T>(pairs: readonly (readonly [string, T])[] | undefined): Record<string, T> {
  return Object.fromEntries(pairs ?? [])
}

export function wholeNumber(
  name: string,
  { min, max }: { min: number; max: number },
): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d{1,15}$/.test(text) || value < min || value > max) {
      throw usageError(`${name} is a whole number from ${min} to ${max}`)
    }
    return value
  }
}
