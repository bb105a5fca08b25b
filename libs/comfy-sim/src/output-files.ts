import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { PythonError } from './values.ts'

export type FolderKind = 'input' | 'output' | 'temp'
export const folderKinds: readonly string[] = ['input', 'output', 'temp']
export const isFolderKind = (value: string): value is FolderKind => folderKinds.includes(value)

export type SavedFile = { filename: string; subfolder: string; type: FolderKind }

/** Files up to this size are written at once: cheaper than a thread's round trip. */
const smallBytes = 256 * 1024

export const isInside = (folder: string, path: string): boolean => {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

const pad = (value: number) => String(value).padStart(2, '0')

function fillPrefix(prefix: string, { width, height }: { width: number; height: number }): string {
  if (!prefix.includes('%')) return prefix
  const now = new Date()
  const values: Record<string, string> = {
    width: String(width),
    height: String(height),
    year: String(now.getFullYear()),
    month: pad(now.getMonth() + 1),
    day: pad(now.getDate()),
    hour: pad(now.getHours()),
    minute: pad(now.getMinutes()),
    second: pad(now.getSeconds()),
  }
  return prefix.replace(
    /%(width|height|year|month|day|hour|minute|second)%/g,
    (_, name: string) => values[name]!,
  )
}

/** The input, output and temp folders, and the numbering of files in them. */
export class OutputFolder {
  private readonly counters = new Map<string, number>()
  private readonly base: string

  constructor(base: string) {
    this.base = base
  }

  path(kind: FolderKind): string {
    return join(this.base, kind)
  }

  /** The file a name like `sub/a.png` or `a.png [temp]` stands for; undefined when it leads outside. */
  locate(annotated: string, kind: FolderKind = 'input'): string | undefined {
    const match = /^(.*) \[(input|output|temp)\]$/s.exec(annotated)
    const folder = this.path(match ? (match[2] as FolderKind) : kind)
    const path = resolve(folder, match ? match[1]! : annotated)
    return path.includes('\0') || !isInside(folder, path) ? undefined : path
  }

  /** Reserves the next numbers for a prefix such as `portraits/anna`. */
  reserve(kind: FolderKind, prefix: string, size: { width: number; height: number; count: number }) {
    const filled = fillPrefix(prefix, size)
    const output = this.path(kind)
    const folder = resolve(output, dirname(filled))
    if (!isInside(output, folder)) {
      throw new PythonError(
        'Exception',
        '**** ERROR: Saving image outside the output folder is not allowed.\n' +
          ` full_output_folder: ${folder}\n         output_dir: ${output}\n`,
      )
    }
    const name = basename(filled)
    const key = `${folder}\0${name}`
    const counter = this.counters.get(key) ?? this.scan(folder, name)
    this.counters.set(key, counter + size.count)
    const subfolder = relative(output, folder)
    return {
      counter,
      /** `suffix` follows the number: `_.png` for pictures. */
      file: (index: number, suffix: string): SavedFile => ({
        filename: `${name.replaceAll('%batch_num%', String(index))}_${String(counter + index).padStart(5, '0')}${suffix}`,
        subfolder,
        type: kind,
      }),
    }
  }

  pathOf(file: SavedFile): string {
    return join(this.path(file.type), file.subfolder, file.filename)
  }

  write(file: SavedFile, bytes: Buffer): void | Promise<void> {
    const path = this.pathOf(file)
    if (bytes.length > smallBytes) return writeFile(path, bytes)
    writeFileSync(path, bytes)
  }

  private scan(folder: string, name: string): number {
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true })
      return 1
    }
    const start = `${name}_`.replaceAll('%batch_num%', '')
    const numbers = readdirSync(folder)
      .filter((file) => file.startsWith(start))
      .map((file) => Number.parseInt(file.slice(start.length), 10))
      .filter(Number.isFinite)
    return Math.max(0, ...numbers) + 1
  }
}
