import type { HeldFile } from './needs.repository.ts'
import type { NamedFile } from './named-files.ts'

/** What is here of a file that a graph names. */
export type Presence = {
  file: HeldFile | undefined
  /** ComfyUI finds it as the graph names it. */
  exact: boolean
}

/** ComfyUI knows two folders by two names each. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  diffusion_models: ['diffusion_models', 'unet'],
  unet: ['diffusion_models', 'unet'],
  text_encoders: ['text_encoders', 'clip'],
  clip: ['text_encoders', 'clip'],
}

export function foldersOf(folder: string): readonly string[] {
  return Object.hasOwn(aliases, folder) ? aliases[folder]! : [folder]
}

/** Files that may be those that a graph names. */
export class HeldFiles {
  private readonly byPath: ReadonlyMap<string, HeldFile>
  private readonly byBase: ReadonlyMap<string, HeldFile[]>
  private readonly byHash: ReadonlyMap<string, HeldFile>

  constructor(files: readonly HeldFile[]) {
    this.byPath = new Map(files.map((file) => [file.path.toLowerCase(), file]))
    this.byBase = Map.groupBy(files, ({ path }) => baseOf(path))
    this.byHash = new Map(files.flatMap((file) => (file.sha256 ? [[file.sha256, file] as const] : [])))
  }

  find({ name, folder, entry }: NamedFile): Presence {
    const folders = folder === null ? undefined : foldersOf(folder)
    const paths = (folders ?? []).flatMap((place) => namesOf(name, place).map((one) => `${place}/${one}`))
    for (const path of paths) {
      const file = this.byPath.get(path.toLowerCase())
      if (file) return { file, exact: paths.includes(file.path) }
    }
    const isHere = ({ folder: own }: HeldFile) => folders === undefined || folders.includes(own)
    const sameName = namesOf(name, folder ?? '').flatMap((one) => this.byBase.get(baseOf(one)) ?? [])
    const moved = sameName.find(isHere) ?? (entry?.sha256 ? this.byHash.get(entry.sha256) : undefined)
    if (moved) return { file: moved, exact: folder === null && baseOf(name) === name.toLowerCase() }
    return { file: undefined, exact: false }
  }
}

const mostSimilar = 5
const leastAlike = 0.5

/** What lies in the folders where something is missing. */
export class SimilarNames {
  private readonly files: readonly { folder: string; name: string; words: ReadonlySet<string> }[]

  constructor(paths: readonly string[]) {
    this.files = paths.map((path) => {
      const slash = path.indexOf('/')
      return { folder: path.slice(0, slash), name: path.slice(slash + 1), words: wordsOf(path) }
    })
  }

  /** Below the folder, the most alike first. */
  of({ name, folder }: NamedFile): string[] {
    if (folder === null) return []
    const words = wordsOf(name)
    const folders = foldersOf(folder)
    return this.files
      .filter((file) => folders.includes(file.folder))
      .map((file) => ({ name: file.name, alike: likeness(words, file.words) }))
      .filter(({ alike }) => alike >= leastAlike)
      .toSorted((a, b) => b.alike - a.alike || (a.name < b.name ? -1 : 1))
      .slice(0, mostSimilar)
      .map((item) => item.name)
  }
}

/** Texts name embeddings without their ending. */
function namesOf(name: string, folder: string): string[] {
  if (folder !== 'embeddings' || /\.(safetensors|pt|bin)$/i.test(name)) return [name]
  return [`${name}.safetensors`, `${name}.pt`, `${name}.bin`]
}

export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase()

function wordsOf(path: string): ReadonlySet<string> {
  const stem = baseOf(path).replace(/\.[a-z0-9]{1,11}$/, '')
  return new Set(stem.split(/[^a-z0-9]+|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])/).filter((word) => word !== ''))
}

/** Dice: twice what both have, by what they have together. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0
  for (const word of a) if (b.has(word)) common++
  return a.size + b.size === 0 ? 0 : (2 * common) / (a.size + b.size)
}

/** Could this be the file, by its name alone? A pickle is never taken for one: it runs what is in it. */
export function mayBe(candidate: string, wanted: string): boolean {
  return (
    nameKey(candidate) === nameKey(wanted) &&
    kindOf(candidate) === kindOf(wanted) &&
    kindOf(wanted) !== 'other'
  )
}

function kindOf(name: string): 'safetensors' | 'gguf' | 'other' {
  if (/\.(safetensors|sft)$/i.test(name)) return 'safetensors'
  return /\.gguf$/i.test(name) ? 'gguf' : 'other'
}

/** The same for names that differ in case, signs and ending only. */
function nameKey(name: string): string {
  return baseOf(name)
    .replace(/\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$/, '')
    .replaceAll(/[^a-z0-9]/g, '')
}
