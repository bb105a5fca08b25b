import { inputSpecsOf } from './input-spec.ts'
import { isModelName } from './model-folders.ts'
import type { ObjectInfo } from './object-info.ts'

export type OfferedModels = {
  /** Files that the lists of its loaders offer, with `/`. */
  files: ReadonlySet<string>
  /** Loaders without a list: what they take is not known before they run. */
  unlisted: ReadonlySet<string>
}

const noInputs = {}

/** What model files a server has, by what it tells of its nodes. */
export function offeredModels(objectInfo: ObjectInfo): OfferedModels {
  const files = new Set<string>()
  const unlisted = new Set<string>()
  for (const [classType, info] of Object.entries(objectInfo)) {
    const lists = inputSpecsOf(info ?? {}, noInputs).flatMap(({ choices }) => (choices ? [choices] : []))
    if (lists.length === 0 && /load/i.test(classType)) unlisted.add(classType)
    for (const choice of lists.flat()) {
      if (typeof choice === 'string' && isModelName(choice)) files.add(choice.replaceAll('\\', '/'))
    }
  }
  return { files, unlisted }
}
