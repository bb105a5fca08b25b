import type { BundleFile } from '@easel/contracts'

/** One thing that a bundle has: a file, or the same in several precisions, the preferred one first. */
export type BundlePart = { alternatives: readonly [BundleFile, ...BundleFile[]]; optional: boolean }

export function partsOf(files: readonly BundleFile[]): BundlePart[] {
  const parts: { key: string | undefined; files: [BundleFile, ...BundleFile[]] }[] = []
  for (const file of files) {
    // The halves of a model are chosen in the same precision, but both are needed.
    const key = file.choice ? `${file.choice}\0${file.noise ?? ''}` : undefined
    const part = key === undefined ? undefined : parts.find((item) => item.key === key)
    if (part) part.files.push(file)
    else parts.push({ key, files: [file] })
  }
  return parts.map(({ files: [first, ...rest] }) => ({
    alternatives: [first, ...rest],
    optional: [first, ...rest].every(({ optional }) => optional === true),
  }))
}

/** In the precision that is asked for, where there is one, else in the preferred one. */
export function chosen({ alternatives }: BundlePart, variant: string | undefined): BundleFile {
  const wanted = variant?.toLowerCase()
  return (
    alternatives.find(({ precision }) => wanted && precision?.toLowerCase() === wanted) ?? alternatives[0]
  )
}

export function hasVariant(files: readonly BundleFile[], variant: string): boolean {
  return files.some(({ precision }) => precision?.toLowerCase() === variant.toLowerCase())
}

/** Of what is needed, as far as it is known. */
export function bytesOf(files: readonly BundleFile[]): number {
  const needed = partsOf(files).filter(({ optional }) => !optional)
  return needed.reduce((sum, part) => sum + (chosen(part, undefined).bytes ?? 0), 0)
}

const flip = { high: 'low', low: 'high' } as const

/** The other half of a model: it follows whatever is chosen of the one. */
export function companionOf(file: BundleFile, files: readonly BundleFile[]): BundleFile | undefined {
  const { noise } = file
  if (!noise) return undefined
  const other = flip[noise]
  const name = file.filename.toLowerCase()
  const same = files.filter((item) => item.noise === other && item.folder === file.folder)
  return (
    same.find((item) => item.filename.toLowerCase().replaceAll(other, noise) === name) ??
    same.find((item) => item.choice === file.choice && item.precision === file.precision)
  )
}
