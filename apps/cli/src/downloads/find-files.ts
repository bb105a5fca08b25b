import type { BundleStatus } from '@easel/client'

type File = BundleStatus['files'][number]

export type Found = {
  readonly bundleId: string
  readonly file: File
  /** The same for the two halves of one model, and for one file in several precisions. */
  readonly pair: string
}

/**
 * Files whose name holds the text, whatever its letters; those that are called just so go before all others.
 * The other half of a pair comes along: one without the other is of no use.
 */
export function findFiles(bundles: readonly BundleStatus[], name: string): Found[] {
  const all = onePerPlace(bundles)
  const text = name.toLowerCase()
  const exact = all.filter(({ file }) => baseOf(file) === text || nameOf(file) === text)
  const matching = exact.length > 0 ? exact : all.filter(({ file }) => nameOf(file).includes(text))
  const pairs = new Set(matching.filter(({ file }) => file.noise).map(({ pair }) => pair))
  return all.filter((found) => matching.includes(found) || pairs.has(found.pair))
}

/** Several bundles may name one file. */
function onePerPlace(bundles: readonly BundleStatus[]): Found[] {
  const places = new Map<string, Found>()
  for (const { id: bundleId, files } of bundles) {
    for (const file of files) {
      const place = `${file.folder}/${file.filename}`
      if (!places.has(place)) places.set(place, { bundleId, file, pair: pairOf(file) })
    }
  }
  return [...places.values()]
}

/** What a file and its companion have in common: the place, with `high` and `low` taken for the same. */
export function pairOf({ folder, filename, noise }: Pick<File, 'folder' | 'filename' | 'noise'>): string {
  const name = filename.toLowerCase()
  return `${folder}/${noise ? name.replace(/high|low/g, '*') : name}`
}

const nameOf = ({ filename }: File) => filename.toLowerCase()
const baseOf = ({ filename }: File) => (filename.split('/').at(-1) ?? '').toLowerCase().replace(/\.\w+$/, '')
