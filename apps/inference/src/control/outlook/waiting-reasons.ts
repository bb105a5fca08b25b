import type { WaitingReason } from '@easel/contracts'
import { exclude, exclusions, missingClasses, missingLabels, missingModels } from '../scheduling/filter.ts'
import type { Demands, Exclusion } from '../scheduling/filter.ts'
import type { KnownClasses, Place } from '../scheduling/snapshot.ts'

const maxNames = 10

/** Why none of these workers has taken the job, each reason with those that it is true of; `free`: one could. */
export function reasonsAtWorkers(
  job: Demands,
  places: readonly Place[],
  known: KnownClasses,
): { reasons: WaitingReason[]; free: boolean } {
  const found = Map.groupBy(places, (place) => exclude(job, place, known) ?? 'FREE')
  const reasons = [...found].flatMap(([code, at]): WaitingReason[] => {
    if (code === 'FREE') return []
    const workers = at.map(({ id }) => id)
    return [{ code, message: sentence(code, workers, detailOf(code, { job, at, known })), workers }]
  })
  return { reasons, free: found.has('FREE') }
}

type Case = { job: Demands; at: readonly Place[]; known: KnownClasses }

function detailOf(code: Exclusion, { job, at, known }: Case): string {
  const names = (of: (place: Place) => string[]) => {
    const all = [...new Set(at.flatMap(of))]
    const more = all.length > maxNames ? ` and ${all.length - maxNames} more` : ''
    return all.slice(0, maxNames).join(', ') + more
  }
  switch (code) {
    case 'NODE_CLASS_MISSING':
      return names((place) => missingClasses(job, place, known))
    case 'MODEL_MISSING':
      return names((place) => missingModels(job, place, known))
    case 'LABEL_MISSING':
      return names((place) => missingLabels(job, place))
    case 'VRAM_TOO_SMALL':
      return `the job needs ${(Math.ceil(((job.minVram ?? 0) / 2 ** 30) * 10) / 10).toString()} GB`
    default:
      return ''
  }
}

function sentence(code: Exclusion, workers: readonly string[], detail: string): string {
  const who = workers.length > 5 ? `${workers.length} workers` : workers.join(', ')
  return `${exclusions[code]}${detail === '' ? '' : `: ${detail}`} (${who})`
}
