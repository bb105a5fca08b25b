import { isAbsolute } from 'node:path'
import type {
  Common,
  Env,
  ItemRules,
  ListRules,
  Optional,
  Reader,
  Setting,
  TextRules,
  UrlRules,
} from './reader.ts'
import { Secret } from './secret.ts'
import { parseBytes, parseDuration } from './units.ts'
import { isWellKnown, weakness } from './weak-secret.ts'

type Declared<T> = { help?: string; default?: T | undefined; optional?: boolean | undefined }
type Kind<T> = {
  rule: string
  /** What a missing or faulty setting is taken for until the fault is thrown. */
  standIn: T
  parse: (text: string) => T | undefined
  show?: (value: T) => string
  secret?: boolean
}
type Spec<T> = Declared<T> & Kind<T> & { name: string }

export class EnvReader implements Reader {
  readonly faults: string[] = []
  readonly settings = new Map<string, Setting>()
  readonly #env: Env

  constructor(env: Env) {
    this.#env = env
  }

  get standalone(): boolean {
    return this.flag('EASEL_STANDALONE', {
      default: false,
      help: 'Everything in one process on one machine. Set by the standalone app; lifts the rules on secrets.',
    })
  }

  string(name: string, options: Common<string> & TextRules = {}): string {
    return this.#read({ name, ...declared(options), ...textKind(options) })
  }

  optional(name: string, options: { help?: string } & TextRules = {}): string | undefined {
    return this.#find({ name, ...declared({ ...options, optional: true }), ...textKind(options) })
  }

  port(name: string, options: Common<number> = {}): number {
    return this.integer(name, { ...options, min: 0, max: 65_535 })
  }

  integer(name: string, options: Common<number> & { min: number; max: number }): number {
    const { min, max } = options
    const parse = (text: string) => {
      const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : undefined
    }
    const rule = `must be a whole number from ${min} to ${max}`
    return this.#read({ name, ...declared(options), rule, standIn: min, parse })
  }

  url(name: string, options?: Common<string> & UrlRules): string
  url(name: string, options: Optional & UrlRules): string | undefined
  url(name: string, options: Declared<string> & UrlRules = {}): string | undefined {
    const parse = (text: string) => (isUrl(text, options) ? text : undefined)
    const rule = `must be a URL${schemes(options)}`
    return this.#ask({ name, ...declared(options), rule, standIn: 'http://unset.invalid', parse })
  }

  secretUrl(name: string, options?: Common<string> & UrlRules & ListRules): Secret
  secretUrl(name: string, options: Optional & UrlRules & ListRules): Secret | undefined
  secretUrl(name: string, options: Declared<string> & UrlRules & ListRules = {}): Secret | undefined {
    const parse = (text: string) => {
      const urls = options.list ? text.split(',').map((url) => url.trim()) : [text]
      if (!urls.every((url) => isUrl(url, options))) return undefined
      for (const url of urls) this.#refuseKnownPassword(name, url)
      return new Secret(text)
    }
    return this.#ask({
      name,
      ...declared(options),
      default: options.default === undefined ? undefined : new Secret(options.default),
      rule: `must be a URL${schemes(options)}${options.list ? ', or a comma list of them' : ''}`,
      standIn: new Secret('http://unset.invalid'),
      parse,
      show: (value) => value.reveal(),
      secret: true,
    })
  }

  secret(name: string, options?: { help?: string; optional?: undefined; minLength?: number }): Secret
  secret(name: string, options: Optional & { minLength?: number }): Secret | undefined
  secret(name: string, options: Declared<Secret> & { minLength?: number } = {}): Secret | undefined {
    const { minLength = 1 } = options
    const rule = minLength > 1 ? `must be ${minLength} or more characters long` : 'must be set'
    const parse = (text: string) => {
      if (text.length < minLength) return undefined
      const weak = weakness(text)
      if (weak && !this.standalone) this.fault(name, weak)
      return new Secret(text)
    }
    return this.#ask({ name, ...declared(options), rule, standIn: new Secret(''), parse, secret: true })
  }

  list(name: string, options: Common<readonly string[]> & ItemRules = {}): readonly string[] {
    const { item, rule = 'must be a comma list' } = options
    const parse = (text: string) => {
      const items = text.split(',').map((entry) => entry.trim())
      const filled = items.filter((entry) => entry !== '')
      return item && !filled.every(item) ? undefined : filled
    }
    const show = (items: readonly string[]) => items.join(',')
    return this.#read<readonly string[]>({ name, ...declared(options), rule, standIn: [], parse, show })
  }

  flag(name: string, options: Common<boolean> = {}): boolean {
    const parse = (text: string) => {
      if (/^(1|true|yes|on)$/i.test(text)) return true
      return /^(0|false|no|off)$/i.test(text) ? false : undefined
    }
    return this.#read({ name, ...declared(options), rule: 'must be true or false', standIn: false, parse })
  }

  bytes(name: string, options: Common<string> = {}): number {
    return this.#measure(name, options, { rule: 'must be a size such as 512MiB or 4GB', parse: parseBytes })
  }

  duration(name: string, options: Common<string> = {}): number {
    const rule = 'must be a time such as 250ms, 30s, 5m or 1d'
    return this.#measure(name, options, { rule, parse: parseDuration })
  }

  oneOf<const T extends string>(name: string, choices: readonly [T, ...T[]], options: Common<T> = {}): T {
    const rule = `must be one of ${choices.join(', ')}`
    const parse = (text: string) => choices.find((choice) => choice === text)
    return this.#read<T>({ name, ...declared(options), rule, standIn: choices[0], parse })
  }

  path(name: string, options?: Common<string>): string
  path(name: string, options: Optional): string | undefined
  path(name: string, options: Declared<string> = {}): string | undefined {
    const parse = (text: string) => (isAbsolute(text) && !text.includes('\0') ? text : undefined)
    return this.#ask({ name, ...declared(options), rule: 'must be an absolute path', standIn: '/', parse })
  }

  fault(name: string, rule: string): void {
    const line = `${name}: ${rule}`
    if (!this.faults.includes(line)) this.faults.push(line)
  }

  #measure(name: string, options: Common<string>, kind: Pick<Kind<number>, 'rule' | 'parse'>): number {
    const { default: written } = options
    const fallback = written === undefined ? undefined : kind.parse(written)
    if (written !== undefined && fallback === undefined)
      throw new TypeError(`The default of ${name} ${kind.rule}`)
    const show = () => written ?? ''
    return this.#read({ name, ...declared({ ...options, default: fallback }), ...kind, standIn: 0, show })
  }

  #refuseKnownPassword(name: string, url: string): void {
    const { password } = new URL(url)
    if (password !== '' && isWellKnown(unescaped(password)) && !this.standalone) {
      this.fault(name, 'must not hold a well-known password')
    }
  }

  #ask<T>(spec: Spec<T>): T | undefined {
    return spec.optional ? this.#find(spec) : this.#read(spec)
  }

  #read<T>(spec: Spec<T>): T {
    const value = this.#find(spec)
    if (value === undefined) this.fault(spec.name, `is not set, and ${spec.rule}`)
    return value ?? spec.standIn
  }

  #find<T>(spec: Spec<T>): T | undefined {
    this.#declare(spec)
    // An empty variable is what Compose and Kubernetes make of one that was not filled in.
    const text = this.#env[spec.name]?.trim() ?? ''
    if (text === '') return spec.default
    const value = spec.parse(text)
    if (value === undefined) this.fault(spec.name, spec.rule)
    return value ?? spec.standIn
  }

  #declare<T>({ name, help = '', rule, secret = false, ...spec }: Spec<T>): void {
    if (this.settings.has(name)) return
    const required = spec.default === undefined && !spec.optional
    const setting = { name, help, rule, required, secret }
    const { default: fallback, show = String } = spec
    this.settings.set(name, fallback === undefined ? setting : { ...setting, default: show(fallback) })
  }
}

/** The options without the rules, which are in the kind already. */
function declared<T>({ help = '', default: fallback, optional }: Declared<T>): Declared<T> {
  return { help, default: fallback, optional }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone percent sign: the server gets it as it is.
    return text
  }
}

function textKind(rules: TextRules): Kind<string> {
  const { minLength = 1, maxLength = 100_000, pattern } = rules
  const fits = (text: string) =>
    text.length >= minLength && text.length <= maxLength && (pattern?.test(text) ?? true)
  return { rule: textRule(rules), standIn: '', parse: (text) => (fits(text) ? text : undefined) }
}

function textRule({ minLength = 1, maxLength, pattern, rule }: TextRules): string {
  if (rule) return rule
  const limits = [
    minLength > 1 ? `of at least ${minLength} characters` : '',
    maxLength ? `of at most ${maxLength} characters` : '',
    pattern ? `that matches ${pattern.source}` : '',
  ].filter((limit) => limit !== '')
  return `must be a text ${limits.join(', ')}`.trim()
}

function schemes({ protocols }: UrlRules): string {
  return protocols ? ` that starts with ${protocols.map((protocol) => `${protocol}:`).join(' or ')}` : ''
}

function isUrl(text: string, { protocols }: UrlRules): boolean {
  const url = URL.parse(text)
  return url !== null && (!protocols || protocols.includes(url.protocol.slice(0, -1)))
}
