import type { Manifest } from '@easel/contracts'

/** What one of WanGP's `defaults/*.json` says under `model`. */
export type WangpModel = Readonly<Record<string, unknown>>

/** What cannot be made a bundle, in words. */
export class ManifestProblem extends Error {
  override name = 'ManifestProblem'
}

const mostHops = 10
const mostUrls = 200

/** All manifests that were given, by name: they refer to each other. */
export class WangpManifests {
  private readonly models: ReadonlyMap<string, WangpModel | ManifestProblem>

  constructor(manifests: readonly Manifest[]) {
    this.models = new Map(manifests.map(({ name, text }) => [name, read(text)]))
  }

  get(name: string): WangpModel {
    const model = this.models.get(name)
    if (!model) throw new ManifestProblem(`It refers to ${short(name)}, which was not given`)
    if (model instanceof ManifestProblem) throw model
    return model
  }

  /**
   * The addresses under a key: those of a list, or, for a text, what the manifest of that name has there. What is no
   * address is passed over.
   */
  urlsOf(name: string, key: string): string[] {
    const way: string[] = []
    let value = own(this.get(name), key)
    for (let at = name; typeof value === 'string' && !isUrl(value); value = own(this.get(at), key)) {
      way.push(at)
      at = value
      if (way.includes(at))
        throw new ManifestProblem(`Its ${key} go in a circle: ${[...way, at].map(short).join(' → ')}`)
      if (way.length > mostHops)
        throw new ManifestProblem(`Its ${key} lead over more than ${mostHops} manifests`)
    }
    const list = typeof value === 'string' ? [value] : Array.isArray(value) ? value : []
    return list.slice(0, mostUrls).filter((item): item is string => typeof item === 'string' && isUrl(item))
  }

  /** Each module is a list of alternatives; a text stands for the modules of another manifest. */
  modulesOf(name: string, way: readonly string[] = []): string[][] {
    if (way.includes(name))
      throw new ManifestProblem(`Its modules go in a circle: ${[...way, name].map(short).join(' → ')}`)
    if (way.length > mostHops)
      throw new ManifestProblem(`Its modules lead over more than ${mostHops} manifests`)
    const value = own(this.get(name), 'modules')
    if (typeof value === 'string') return this.modulesOf(partOf(value), [...way, name])
    if (!Array.isArray(value)) return []
    return value.slice(0, mostUrls).flatMap((module: unknown) => {
      if (typeof module === 'string' && !isUrl(module)) return this.modulesOf(partOf(module), [...way, name])
      const urls = (Array.isArray(module) ? module : [module]).filter(
        (item) => typeof item === 'string' && isUrl(item),
      )
      return urls.length > 0 ? [urls.slice(0, mostUrls) as string[]] : []
    })
  }
}

/** `vace_14B#sub`: of the manifest before the sign. */
const partOf = (reference: string): string => reference.split('#')[0]!

const own = (model: WangpModel, key: string): unknown => (Object.hasOwn(model, key) ? model[key] : undefined)

const isUrl = (text: string): boolean => /^https?:\/\/\S+$/i.test(text) && text.length <= 2_000

const short = (name: string): string => (name.length > 80 ? `${name.slice(0, 80)}…` : name)

function read(text: string): WangpModel | ManifestProblem {
  try {
    const document: unknown = JSON.parse(text)
    const model = isObject(document) ? own(document, 'model') : undefined
    return isObject(model) ? model : new ManifestProblem('It has no “model”')
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof RangeError)
      return new ManifestProblem('It is no JSON')
    throw cause
  }
}

const isObject = (value: unknown): value is WangpModel =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
