import type { ModelFileView, VersionView } from '@easel/client'

/** Video models come in halves, for high and for low noise: neither is of use without the other. */
export function companionOf(
  { id, name }: Pick<ModelFileView, 'id' | 'name'>,
  version: Pick<VersionView, 'id' | 'files'>,
  versions: readonly VersionView[],
): { file: ModelFileView; version: Pick<VersionView, 'id'> } | undefined {
  const wanted = otherHalf(name)
  if (wanted === undefined) return undefined
  for (const each of [version, ...versions]) {
    const file = each.files.find((other) => other.name.toLowerCase() === wanted && other.id !== id)
    if (file) return { file, version: each }
  }
  return undefined
}

/** The name of the other half, in small letters; undefined when it is no half. */
function otherHalf(name: string): string | undefined {
  const lower = name.toLowerCase()
  const swapped = lower.replaceAll(/(?<![a-z])(high|low)(?=[\W_]|noise|$)/g, (half) =>
    half === 'high' ? 'low' : 'high',
  )
  return swapped === lower ? undefined : swapped
}

export const noiseOf = (name: string): 'high' | 'low' | undefined =>
  /(?<![a-z])high(?=[\W_]|noise|$)/i.test(name)
    ? 'high'
    : /(?<![a-z])low(?=[\W_]|noise|$)/i.test(name)
      ? 'low'
      : undefined
