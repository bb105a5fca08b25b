import type { BundleStatus } from '@easel/client'
import { pairOf } from '../downloads/find-files.ts'

export type BundleFile = BundleStatus['files'][number]

/** A line of the list: mostly one file, wanted by one bundle or several. */
export type Row = {
  /** Stays the same as long as the file does: what is selected stays selected. */
  readonly key: string
  readonly bundles: readonly string[]
  readonly folder: string
  readonly name: string
  /** Of all its files together, as far as it is known. */
  readonly bytes: number
  readonly files: readonly BundleFile[]
  /** The same for the halves of one model: they are chosen together. */
  readonly pair: string
  readonly state: BundleFile['state']
  /** By bytes, from 0 to 1. */
  readonly progress: number
}

/** One row for each place, in the order of the bundles; a file and its quantized twin, just these two, are one. */
export function rowsOf(bundles: readonly BundleStatus[]): Row[] {
  const rows = new Map<string, Row>()
  for (const { id, files } of bundles) {
    for (const group of groupsOf(files)) {
      const row = rowOf(group, id)
      const known = rows.get(row.key)
      rows.set(row.key, known ? { ...row, bundles: [...known.bundles, id] } : row)
    }
  }
  return [...rows.values()]
}

function groupsOf(files: readonly BundleFile[]): BundleFile[][] {
  const groups = new Map<string, BundleFile[]>()
  for (const file of files) {
    const name = file.choice ? `choice ${file.choice}` : placeOf(file)
    groups.set(name, [...(groups.get(name) ?? []), file])
  }
  return [...groups.values()].flatMap((group) => (isTwin(group) ? [group] : group.map((file) => [file])))
}

function isTwin(group: readonly BundleFile[]): boolean {
  return group.length === 2 && group.filter(isQuantized).length === 1
}

function isQuantized({ filename, precision }: BundleFile): boolean {
  return /quanto/i.test(precision ?? filename)
}

function rowOf(files: readonly BundleFile[], bundle: string): Row {
  const [first] = files.toSorted((a, b) => Number(isQuantized(a)) - Number(isQuantized(b)))
  if (!first) throw new TypeError('A row has a file')
  const bytes = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0)
  const done = files.reduce((sum, file) => sum + (file.bytes ?? 0) * doneOf(file), 0)
  const mean = files.reduce((sum, file) => sum + doneOf(file), 0) / files.length
  return {
    key: files.map(placeOf).join(' '),
    bundles: [bundle],
    folder: first.folder,
    name: files.length > 1 ? `${first.filename} (+ quantized)` : first.filename,
    bytes,
    files,
    pair: pairOf(first),
    state: stateOf(files),
    progress: bytes > 0 ? done / bytes : mean,
  }
}

const worstFirst = ['downloading', 'wrong', 'partial', 'missing', 'present'] as const

function stateOf(files: readonly BundleFile[]): Row['state'] {
  return worstFirst.find((state) => files.some((file) => file.state === state)) ?? 'missing'
}

const doneOf = ({ state, progress }: BundleFile) => (state === 'present' ? 1 : progress)
const placeOf = ({ folder, filename }: BundleFile) => `${folder}/${filename}`
