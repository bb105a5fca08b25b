import type { Candidate, KnownClasses, Place } from './snapshot.ts'

/** Why a worker does not get a job. The order is the order of asking: the first that holds is given. */
export const exclusions = {
  OTHER_POOL: 'It serves another pool',
  LOST: 'It is gone',
  SILENT: 'It has not been heard of for a while',
  DRAINING: 'It takes no more work',
  NOT_READY: 'Its ComfyUI does not answer',
  LABEL_MISSING: 'It lacks a label that the job asks for',
  OTHER_ENVIRONMENT: 'Its environment is not the one that the job asks for',
  VRAM_TOO_SMALL: 'Its GPU has too little memory',
  NODES_UNKNOWN: 'Its node definitions have not been read yet',
  NODE_CLASS_MISSING: 'It lacks a node class of the workflow',
  MODEL_MISSING: 'It lacks a model of the workflow',
  ALL_BUSY: 'Its slots are taken',
} as const
export type Exclusion = keyof typeof exclusions

/** What of a job decides which workers may have it. */
export type Demands = Pick<
  Candidate,
  'pool' | 'classes' | 'models' | 'loras' | 'fetchable' | 'labels' | 'environment' | 'minVram'
>

const freshMs = 4_000

/** The reason why this worker cannot take this job now; undefined when it can. */
export function exclude(job: Demands, place: Place, known: KnownClasses): Exclusion | undefined {
  return unfit(job, place, known) ?? (freeSlots(place) > 0 ? undefined : 'ALL_BUSY')
}

/** The same for a worker whose slots were free. */
export function unfit(job: Demands, place: Place, known: KnownClasses): Exclusion | undefined {
  if (place.pool !== job.pool) return 'OTHER_POOL'
  const away = unavailable(place)
  if (away) return away
  if (missingLabels(job, place).length > 0) return 'LABEL_MISSING'
  if (job.environment !== null && place.environment !== job.environment) return 'OTHER_ENVIRONMENT'
  if (job.minVram !== null && (place.vramTotal ?? 0) < job.minVram) return 'VRAM_TOO_SMALL'
  if (place.definitions === null) return undefined
  const classes = known.get(place.definitions)
  if (!classes) return 'NODES_UNKNOWN'
  if (job.classes.some((name) => !classes.has(name))) return 'NODE_CLASS_MISSING'
  return missingModels(job, place, known).length > 0 ? 'MODEL_MISSING' : undefined
}

export function missingLabels({ labels }: Demands, place: Place): string[] {
  return labels.filter((label) => !place.labels.includes(label))
}

export function missingClasses({ classes }: Demands, { definitions }: Place, known: KnownClasses): string[] {
  const has = definitions === null ? undefined : known.get(definitions)
  return has ? classes.filter((name) => !has.has(name)) : []
}

/** None of a job with a loader that lists nothing: what such a loader takes shows only when it runs. */
export function missingModels(
  job: Demands,
  { definitions, fetchesModels }: Place,
  known: KnownClasses,
): string[] {
  const offered = definitions === null ? undefined : known.modelsOf?.(definitions)
  if (!offered || job.classes.some((name) => offered.unlisted.has(name))) return []
  const fetchable = fetchesModels ? (job.fetchable ?? []) : []
  return [...job.models, ...job.loras].filter((file) => !offered.files.has(file) && !fetchable.includes(file))
}

/** What keeps a worker from taking any job at all, but for its slots. */
export function unavailable(place: Place): Exclusion | undefined {
  if (place.lost) return 'LOST'
  if (place.silentMs > freshMs) return 'SILENT'
  if (place.draining) return 'DRAINING'
  if (!place.ready) return 'NOT_READY'
  return undefined
}

export function freeSlots({ runSlots, prefetchSlots, open }: Place): number {
  return Math.max(0, runSlots + prefetchSlots - open)
}
