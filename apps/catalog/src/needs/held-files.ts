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

type Wanted = { index: number; words: number; folders: readonly string[] }
type Similar = { name: string; alike: number }

/**
 * What lies in the folders where something is missing and has a name like it, below the folder, the most alike first.
 * There are thousands of paths, so each is taken apart once for all that is missing, and only its words that one of
 * these has are looked at.
 */
export function similarNames(paths: readonly string[], files: readonly NamedFile[]): string[][] {
  const found: Similar[][] = files.map(() => [])
  const byWord = wantedByWord(files)
  if (byWord.size === 0) return found.map(() => [])
  for (const path of paths) {
    const words = wordsOf(path)
    const slash = path.indexOf('/')
    for (const [wanted, common] of countCommon(words, byWord)) {
      // Dice: twice what both have, by what they have together.
      const alike = (2 * common) / (words.length + wanted.words)
      if (alike < leastAlike || !wanted.folders.includes(path.slice(0, slash))) continue
      found[wanted.index]!.push({ name: path.slice(slash + 1), alike })
    }
  }
  return found.map((similar) =>
    similar
      .sort((one, other) => other.alike - one.alike || (one.name < other.name ? -1 : 1))
      .slice(0, mostSimilar)
      .map(({ name }) => name),
  )
}

function wantedByWord(files: readonly NamedFile[]): Map<string, Wanted[]> {
  const byWord = new Map<string, Wanted[]>()
  for (const [index, { name, folder }] of files.entries()) {
    if (folder === null) continue
    const words = wordsOf(name)
    const wanted = { index, words: words.length, folders: foldersOf(folder) }
    for (const word of words) {
      const others = byWord.get(word)
      if (others) others.push(wanted)
      else byWord.set(word, [wanted])
    }
  }
  return byWord
}

function countCommon(
  words: readonly string[],
  byWord: ReadonlyMap<string, readonly Wanted[]>,
): Map<Wanted, number> {
  const common = new Map<Wanted, number>()
  for (const word of words)
    for (const wanted of byWord.get(word) ?? []) common.set(wanted, (common.get(wanted) ?? 0) + 1)
  return common
}

/** Texts name embeddings without their ending. */
function namesOf(name: string, folder: string): string[] {
  if (folder !== 'embeddings' || /\.(safetensors|pt|bin)$/i.test(name)) return [name]
  return [`${name}.safetensors`, `${name}.pt`, `${name}.bin`]
}

export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase()

/** Runs of letters and of digits, each once. By hand: an expression takes four times as long. */
function wordsOf(path: string): string[] {
  const base = baseOf(path)
  const dot = base.lastIndexOf('.')
  const ending = dot >= 0 && dot >= base.length - 12 && /^[a-z0-9]+$/.test(base.slice(dot + 1))
  const end = ending ? dot : base.length
  const words: string[] = []
  for (let at = 0, start = 0, kind = 0; at <= end; at++) {
    const next = at === end ? 0 : kindOfCharacter(base.charCodeAt(at))
    if (next === kind) continue
    if (kind !== 0) {
      const word = base.slice(start, at)
      if (!words.includes(word)) words.push(word)
    }
    start = at
    kind = next
  }
  return words
}

/** 1 is a letter, 2 a digit. */
function kindOfCharacter(code: number): 0 | 1 | 2 {
  if (code >= 97 && code <= 122) return 1
  return code >= 48 && code <= 57 ? 2 : 0
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
