import { plainToInstance } from 'class-transformer'
import { getMetadataStorage } from 'class-validator'
import type { MessageClass } from '@easel/protocol'

export type Schema = {
  type?: string | readonly string[]
  format?: string
  enum?: readonly unknown[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: readonly string[]
  additionalProperties?: boolean | Schema
  $ref?: string
  oneOf?: readonly Schema[]
  description?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  maxItems?: number
  pattern?: string
}

type Rule = { type: string; name?: string; propertyName: string; constraints: unknown[]; each: boolean }

/** A field as its rules describe it. */
export type Field = {
  readonly name: string
  readonly schema: Schema
  readonly required: boolean
  /** The class of a nested message, or of the items of an array of them. */
  readonly nested: MessageClass | undefined
}

const known = new WeakMap<MessageClass, readonly Field[]>()

/** The fields of a message class, from its class-validator rules. */
export function fieldsOf(message: MessageClass): readonly Field[] {
  const found = known.get(message) ?? readFields(message)
  known.set(message, found)
  return found
}

/** The names that `decode` hands on as they came. */
function freeFields(message: MessageClass): readonly string[] {
  return (message as unknown as { json?: readonly string[] }).json ?? []
}

function readFields(message: MessageClass): readonly Field[] {
  const byName = new Map<string, Rule[]>()
  const rules = getMetadataStorage().getTargetValidationMetadatas(message, '', false, false) as Rule[]
  for (const rule of rules) {
    byName.set(rule.propertyName, [...(byName.get(rule.propertyName) ?? []), rule])
  }
  const free = freeFields(message).filter((name) => !byName.has(name))
  return [
    ...[...byName].map(([name, own]) => fieldOf(message, name, own)),
    ...free.map((name) => ({ name, schema: {}, required: false, nested: undefined })),
  ]
}

function fieldOf(message: MessageClass, name: string, rules: readonly Rule[]): Field {
  const optional = rules.some((rule) => isType(rule, 'conditionalValidation'))
  const isArray = rules.some((rule) => rule.name === 'isArray')
  const isNested = rules.some((rule) => isType(rule, 'nestedValidation'))
  const nested = isNested ? nestedClass(message, name, isArray) : undefined
  const item: Schema = nested ? { $ref: nested.name } : {}
  const whole: Schema = {}
  for (const rule of rules) apply(isArray && !rule.each ? whole : item, rule)
  if (!isArray) return { name, schema: item, required: !optional, nested }
  return { name, schema: { ...whole, type: 'array', items: item }, required: !optional, nested }
}

function isType(rule: Rule, type: 'conditionalValidation' | 'nestedValidation'): boolean {
  return rule.type === type
}

/** class-transformer knows the class of a nested field, and tells by making one. */
function nestedClass(message: MessageClass, name: string, isArray: boolean): MessageClass {
  const made = plainToInstance(message, { [name]: isArray ? [{}] : {} }) as Record<string, unknown>
  const value = isArray ? (made[name] as unknown[])[0] : made[name]
  return (value as object).constructor as MessageClass
}

function apply(schema: Schema, rule: Rule): void {
  const [first, second] = rule.constraints ?? []
  const facts: Record<string, Schema | undefined> = {
    isString: { type: 'string' },
    isInt: { type: 'integer' },
    isNumber: { type: 'number' },
    isBoolean: { type: 'boolean' },
    isObject: { type: 'object', additionalProperties: true },
    isUuid: { type: 'string', format: 'uuid' },
    isIso8601: { type: 'string', format: 'date-time' },
    isUrl: { type: 'string', format: 'uri' },
    isEmail: { type: 'string', format: 'email' },
    isIn: { type: typeof (first as unknown[] | undefined)?.[0], enum: first as unknown[] },
    matches: first instanceof RegExp ? { type: 'string', pattern: first.source } : undefined,
    isLength: { minLength: first as number, maxLength: second as number },
    min: { minimum: first as number },
    max: { maximum: first as number },
    arrayMaxSize: { maxItems: first as number },
  }
  for (const [key, value] of Object.entries(facts[rule.name ?? ''] ?? {})) {
    // A format says more than the `string` that another rule adds.
    if (value !== undefined) (schema as Record<string, unknown>)[key] = value
  }
}
