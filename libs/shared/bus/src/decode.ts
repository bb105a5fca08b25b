import { AppError } from '@easel/protocol'
import type { Fault, MessageClass } from '@easel/protocol'
import { plainToInstance } from 'class-transformer'
import { validateSync } from 'class-validator'
import type { ValidationError } from 'class-validator'

/**
 * A message class whose `json` names the fields that hold free JSON (a graph, metadata). They are handed on
 * as they came: class-transformer would walk and copy every node of them.
 */
type WithJson = { readonly json?: readonly string[] }

const rules = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false } as const

/** Turns plain JSON into a checked message, or throws `invalid` with the path of every fault. */
export function decode<T extends object>(message: MessageClass<T>, plain: unknown): T {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw new AppError('invalid', 'Expected a JSON object', { reason: 'INVALID_INPUT' })
  }
  const free = (message as WithJson).json ?? []
  const rest: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(plain)) if (!free.includes(key)) rest[key] = value

  const instance = instantiate(message, rest)
  for (const key of free) {
    const value = (plain as Record<string, unknown>)[key]
    if (value !== undefined) (instance as Record<string, unknown>)[key] = value
  }

  const faults = validateSync(instance, rules).flatMap((error) => faultsOf(error, ''))
  if (faults.length > 0) {
    throw new AppError('invalid', summary(faults), { reason: 'INVALID_INPUT', faults })
  }
  return instance
}

function instantiate<T extends object>(message: MessageClass<T>, plain: Record<string, unknown>): T {
  try {
    return plainToInstance(message, plain)
  } catch (cause) {
    // Nesting deep enough to overflow the stack is an input fault, not a bug of ours.
    if (cause instanceof RangeError) {
      throw new AppError('invalid', 'The input is nested too deeply', { reason: 'INVALID_INPUT', cause })
    }
    throw cause
  }
}

function faultsOf(error: ValidationError, parent: string): Fault[] {
  const path = parent ? `${parent}.${error.property}` : error.property
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    path,
    message: rule === 'whitelistValidation' ? 'is not a known field' : message,
  }))
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, path))]
}

function summary(faults: readonly Fault[]): string {
  const [first] = faults
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  return `${first!.path}: ${first!.message}${more}`
}
