import { isAbsolute } from 'node:path'
import { ConfigError } from './config-error.ts'
import { Secret } from './secret.ts'
import { parseBytes, parseDuration } from './units.ts'
import { weakness } from './weak-secret.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** How one setting is declared; the whole of what help and documentation say about it. */
export type Setting = {
  readonly name: string
  readonly help: string
  /** What a value must look like, as in `must be a whole number from 0 to 65535`. */
  readonly rule: string
  readonly required: boolean
  /** As one would write it in the environment. */
  readonly default?: string
  readonly secret: boolean
}

type Common<T> = { help?: string; default?: T }
type Optional = { help?: string; optional: true }

/**
 * Reads settings by name. A faulty setting is noted and stands in as a harmless value of its type, so that
 * one run finds every fault. Read unconditionally: what is read only sometimes is missing from the help.
 */
export type Reader = {
  /** `EASEL_STANDALONE`: everything on one machine, where made-up and weak secrets are the user's own matter. */
  readonly standalone: boolean
  string(name: string, options?: Common<string> & TextRules): string
  /** A text, or undefined where it is not set. */
  optional(name: string, options?: { help?: string } & TextRules): string | undefined
  port(name: string, options?: Common<number>): number
  integer(name: string, options: Common<number> & { min: number; max: number }): number
  /** An absolute URL, as written. With `secret`-bearing URLs use `secretUrl`. */
  url(name: string, options: Optional & UrlRules): string | undefined
  url(name: string, options?: Common<string> & UrlRules): string
  /** A URL (or comma list of them) that may hold a password; well-known passwords are refused. */
  secretUrl(name: string, options: Optional & UrlRules & { list?: boolean }): Secret | undefined
  secretUrl(name: string, options?: Common<string> & UrlRules & { list?: boolean }): Secret
  secret(name: string, options: Optional & { minLength?: number }): Secret | undefined
  secret(name: string, options?: { help?: string; minLength?: number }): Secret
  /** A comma list; blanks around the items and empty items are dropped. */
  list(
    name: string,
    options?: Common<readonly string[]> & { item?: (text: string) => boolean; rule?: string },
  ): readonly string[]
  /** `1 true yes on` or `0 false no off`. */
  flag(name: string, options?: Common<boolean>): boolean
  /** A size such as `4GiB`, `500MB` or `1024`, in bytes. */
  bytes(name: string, options?: Common<string>): number
  /** A time such as `30s`, `5m`, `250ms`, in milliseconds. */
  duration(name: string, options?: Common<string>): number
  oneOf<const T extends string>(name: string, choices: readonly T[], options?: Common<T>): T
  /** An absolute path. */
  path(name: string, options: Optional): string | undefined
  path(name: string, options?: Common<string>): string
  /** Notes a fault between settings (`EASEL_A: needs EASEL_B`). */
  fault(name: string, rule: string): void
}

export type TextRules = { minLength?: number; maxLength?: number; pattern?: RegExp; rule?: string }
export type UrlRules = { protocols?: readonly string[] }

/** Reads the settings, or throws one `ConfigError` that lists every fault. */
export function readConfig<T>(env: Env, build: (read: Reader) => T): T {
  const reader = new EnvReader(env)
  let config: T
  try {
    config = build(reader)
  } catch (cause) {
    // A stand-in value may trip what the caller derives from it; the faults are the better story.
    if (reader.faults.length > 0) throw new ConfigError(reader.faults, cause)
    throw cause
  }
  if (reader.faults.length > 0) throw new ConfigError(reader.faults)
  return config
}

/** Every setting that `build` reads, in the order of reading. */
export function listSettings(build: (read: Reader) => unknown): readonly Setting[] {
  const reader = new EnvReader({})
  build(reader)
  return [...reader.settings.values()]
}

type Rules<T> = { rule: string; standIn: T; show?: (value: T) => string; secret?: boolean }
type Declared<T> = { help?: string; default?: T; optional?: boolean }

class EnvReader implements Reader {
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
    return this.#read(name, options, textRules(options), (text) =>
      textFits(text, options) ? text : undefined,
    )!
  }

  optional(name: string, options: { help?: string } & TextRules = {}): string | undefined {
    const parse = (text: string) => (textFits(text, options) ? text : undefined)
    return this.#read<string>(name, { ...options, optional: true }, textRules(options), parse)
  }

  port(name: string, options: Common<number> = {}): number {
    return this.integer(name, { ...options, min: 0, max: 65_535 })
  }

  integer(name: string, options: Common<number> & { min: number; max: number }): number {
    const { min, max } = options
    const rules = { rule: `must be a whole number from ${min} to ${max}`, standIn: min }
    return this.#read(name, options, rules, (text) => {
      const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : undefined
    })!
  }

  url(name: string, options: Optional & UrlRules): string | undefined
  url(name: string, options?: Common<string> & UrlRules): string
  url(name: string, options: Declared<string> & UrlRules = {}): string | undefined {
    const rules = { rule: `must be a URL${schemes(options)}`, standIn: 'http://unset.invalid' }
    return this.#read(name, options, rules, (text) => (isUrl(text, options) ? text : undefined))
  }

  secretUrl(name: string, options: Optional & UrlRules & { list?: boolean }): Secret | undefined
  secretUrl(name: string, options?: Common<string> & UrlRules & { list?: boolean }): Secret
  secretUrl(
    name: string,
    options: Declared<string> & UrlRules & { list?: boolean } = {},
  ): Secret | undefined {
    const { list, default: fallback, ...declared } = options
    const rule = `must be a URL${schemes(options)}${list ? ', or a comma list of them' : ''}`
    const rules = {
      rule,
      standIn: new Secret('http://unset.invalid'),
      show: (value: Secret) => value.reveal(),
      secret: true,
    }
    const withDefault = fallback === undefined ? declared : { ...declared, default: new Secret(fallback) }
    return this.#read<Secret>(name, withDefault, rules, (text) => {
      const urls = list ? text.split(',').map((url) => url.trim()) : [text]
      if (!urls.every((url) => isUrl(url, options))) return undefined
      for (const url of urls) this.#refuseKnownPassword(name, url)
      return new Secret(text)
    })
  }

  secret(name: string, options: Optional & { minLength?: number }): Secret | undefined
  secret(name: string, options?: { help?: string; minLength?: number }): Secret
  secret(name: string, options: Declared<Secret> & { minLength?: number } = {}): Secret | undefined {
    const { minLength = 1, ...declared } = options
    const rule = minLength > 1 ? `must be ${minLength} or more characters long` : 'must be set'
    return this.#read(name, declared, { rule, standIn: new Secret(''), secret: true }, (text) => {
      if (text.length < minLength) return undefined
      const weak = weakness(text)
      if (weak && !this.standalone) this.fault(name, weak)
      return new Secret(text)
    })
  }

  list(
    name: string,
    options: Common<readonly string[]> & { item?: (text: string) => boolean; rule?: string } = {},
  ): readonly string[] {
    const { item, rule = 'must be a comma list' } = options
    const rules = { rule, standIn: [], show: (value: readonly string[]) => value.join(',') }
    return this.#read<readonly string[]>(name, options, rules, (text) => {
      const items = text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '')
      return item && !items.every(item) ? undefined : items
    })!
  }

  flag(name: string, options: Common<boolean> = {}): boolean {
    const rules = { rule: 'must be true or false', standIn: false }
    return this.#read(name, options, rules, (text) => {
      if (/^(1|true|yes|on)$/i.test(text)) return true
      return /^(0|false|no|off)$/i.test(text) ? false : undefined
    })!
  }

  bytes(name: string, options: Common<string> = {}): number {
    return this.#measure(name, options, { rule: 'must be a size such as 512MiB or 4GB', parse: parseBytes })
  }

  duration(name: string, options: Common<string> = {}): number {
    return this.#measure(name, options, {
      rule: 'must be a time such as 250ms, 30s, 5m or 1d',
      parse: parseDuration,
    })
  }

  oneOf<const T extends string>(name: string, choices: readonly T[], options: Common<T> = {}): T {
    const rules = { rule: `must be one of ${choices.join(', ')}`, standIn: choices[0]! }
    return this.#read(name, options, rules, (text) => choices.find((choice) => choice === text))!
  }

  path(name: string, options: Optional): string | undefined
  path(name: string, options?: Common<string>): string
  path(name: string, options: Declared<string> = {}): string | undefined {
    const rules = { rule: 'must be an absolute path', standIn: '/' }
    return this.#read(name, options, rules, (text) =>
      isAbsolute(text) && !text.includes('\0') ? text : undefined,
    )
  }

  fault(name: string, rule: string): void {
    const line = `${name}: ${rule}`
    if (!this.faults.includes(line)) this.faults.push(line)
  }

  #measure(
    name: string,
    { default: fallback, ...declared }: Common<string>,
    { rule, parse }: { rule: string; parse: (text: string) => number | undefined },
  ): number {
    const value = fallback === undefined ? undefined : parse(fallback)
    if (fallback !== undefined && value === undefined) throw new TypeError(`The default of ${name} ${rule}`)
    const withDefault = value === undefined ? declared : { ...declared, default: value }
    return this.#read(name, withDefault, { rule, standIn: 0, show: () => fallback ?? '' }, parse)!
  }

  #refuseKnownPassword(name: string, url: string): void {
    const { password } = new URL(url)
    if (
      password &&
      weakness(decodeURIComponent(password)) === 'must not be a well-known value' &&
      !this.standalone
    ) {
      this.fault(name, 'must not hold a well-known password')
    }
  }

  #read<T>(
    name: string,
    declared: Declared<T>,
    rules: Rules<T>,
    parse: (text: string) => T | undefined,
  ): T | undefined {
    this.#declare(name, declared, rules)
    // An empty variable is what Compose and Kubernetes make of one that was not filled in.
    const text = this.#env[name]?.trim()
    if (text === undefined || text === '') {
      if ('default' in declared && declared.default !== undefined) return declared.default
      if (declared.optional) return undefined
      this.fault(name, `is not set, and ${rules.rule}`)
      return rules.standIn
    }
    const value = parse(text)
    if (value === undefined) this.fault(name, rules.rule)
    return value ?? rules.standIn
  }

  #declare<T>(name: string, { help = '', default: fallback, optional }: Declared<T>, rules: Rules<T>): void {
    if (this.settings.has(name)) return
    const required = fallback === undefined && !optional
    const shown = fallback === undefined ? undefined : (rules.show ?? String)(fallback)
    const setting = { name, help, rule: rules.rule, required, secret: rules.secret ?? false }
    this.settings.set(name, shown === undefined ? setting : { ...setting, default: shown })
  }
}

function textRules({ minLength = 1, maxLength, pattern, rule }: TextRules): Rules<string> {
  if (rule) return { rule, standIn: '' }
  const limits = [
    minLength > 1 ? `of at least ${minLength} characters` : '',
    maxLength ? `of at most ${maxLength} characters` : '',
    pattern ? `that matches ${pattern.source}` : '',
  ].filter((limit) => limit !== '')
  return { rule: `must be a text ${limits.join(', ')}`.trim(), standIn: '' }
}

function textFits(text: string, { minLength = 1, maxLength = 100_000, pattern }: TextRules): boolean {
  return text.length >= minLength && text.length <= maxLength && (!pattern || pattern.test(text))
}

function schemes({ protocols }: UrlRules): string {
  return protocols ? ` that starts with ${protocols.map((protocol) => `${protocol}:`).join(' or ')}` : ''
}

function isUrl(text: string, { protocols }: UrlRules): boolean {
  const url = URL.parse(text)
  return url !== null && (!protocols || protocols.includes(url.protocol.slice(0, -1)))
}
