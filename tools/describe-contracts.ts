import * as contracts from '@easel/contracts'
import { getMetadataStorage } from 'class-validator'

type Class = new () => object
type Rpc = { input: Class; output: Class; reasons: readonly string[]; query: boolean }
type Service = { name: string; version: number; rpcs: Record<string, Rpc> }
type Fact = { name: string; version: number; payload: Class }
type Rule = { type: string; name?: string; propertyName: string; constraints?: unknown[]; each: boolean }

/** Every contract as plain JSON: methods, reasons, and the rules of each field of each message. */
export function describeContracts(): object {
  const values = Object.values(contracts) as unknown[]
  const services = values.filter((value): value is Service => isObject(value) && 'rpcs' in value)
  const facts = values.filter((value): value is Fact => isObject(value) && 'payload' in value)
  const messages = values.filter((value): value is Class => typeof value === 'function')
  return {
    services: Object.fromEntries(
      services.map(({ name, version, rpcs }) => [
        `${name} v${version}`,
        Object.fromEntries(
          Object.entries(rpcs).map(([method, { input, output, reasons, query }]) => [
            method,
            { input: input.name, output: output.name, reasons, query },
          ]),
        ),
      ]),
    ),
    facts: Object.fromEntries(
      facts.map(({ name, version, payload }) => [`${name} v${version}`, payload.name]),
    ),
    messages: Object.fromEntries(messages.map((message) => [message.name, fieldsOf(message)])),
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function fieldsOf(message: Class): Record<string, string[]> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(message, '', false, false) as Rule[]
  const fields: Record<string, string[]> = {}
  for (const rule of rules) (fields[rule.propertyName] ??= []).push(ruleText(rule))
  const free = (message as unknown as { json?: readonly string[] }).json ?? []
  for (const name of free) (fields[name] ??= []).push('json')
  return Object.fromEntries(
    Object.entries(fields)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, texts]) => [name, texts.sort()]),
  )
}

function ruleText({ type, name, constraints, each }: Rule): string {
  const known = constraints?.filter((constraint) => typeof constraint !== 'function') ?? []
  const values = known.map((constraint) =>
    constraint instanceof RegExp ? String(constraint) : JSON.stringify(constraint),
  )
  return `${name ?? type}${values.length > 0 ? `(${values.join(', ')})` : ''}${each ? ' each' : ''}`
}
