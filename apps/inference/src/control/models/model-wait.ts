import type {
  JobPhase,
  JobProgress,
  ModelFileRef,
  ModelWish,
  NeedView,
  WaitingReason,
} from '@easel/contracts'

/**
 * What is done about the missing models of a queued job:
 *
 *   looking → fetching → placing → done
 *      ↑↓         ↓          (a worker lists them, or the job is no longer queued)
 *    stuck    the job fails
 *
 * `looking` asks the catalogue, `stuck` asks it again now and then: nobody knows a file, or nobody may fetch it.
 * `placing`: all files are here, and the workers are told to look.
 */
export type WaitState = 'looking' | 'fetching' | 'placing' | 'stuck' | 'done'

/** A file that is not at any worker of the job's pool. */
export type WaitFile = {
  name: string
  folder: string | null
  state: 'unasked' | 'present' | 'waiting' | 'fetching' | 'gated' | 'ambiguous' | 'unknown'
  sha256: string | null
  bytes: number | null
  progress: number
  problem: string | null
}

export type ModelWait = {
  jobId: string
  state: WaitState
  files: WaitFile[]
  downloadId: string | null
  rounds: number
  bytesDone: number
  bytesTotal: number
}

export type WaitPlan = Pick<ModelWait, 'files' | 'bytesTotal'> & {
  /** What the downloader is to be asked for. */
  wishes: ModelWish[]
  /** Those whose contents are known and here. */
  held: ModelFileRef[]
}

/** What is to be done about these files, by what the catalogue says of them. */
export function planFor(
  names: readonly string[],
  needs: readonly NeedView[],
  mode: 'wait' | 'fetch',
): WaitPlan {
  const plans = names.map((name) =>
    planOf(
      name,
      needs.find((need) => sameName(need.name, name)),
      mode,
    ),
  )
  const files = plans.map(({ file }) => file)
  return {
    files,
    wishes: plans.flatMap(({ wish }) => wish ?? []),
    held: heldOf(needs),
    bytesTotal: files.reduce((sum, { state, bytes }) => sum + (state === 'present' ? 0 : (bytes ?? 0)), 0),
  }
}

export function heldOf(needs: readonly NeedView[]): ModelFileRef[] {
  return needs.flatMap(({ state, folder, name, sha256, bytes }) => {
    const known = state === 'present' && folder && sha256 && typeof bytes === 'number'
    return known ? [{ folder, name, sha256, bytes }] : []
  })
}

function planOf(
  name: string,
  need: NeedView | undefined,
  mode: 'wait' | 'fetch',
): { file: WaitFile; wish?: ModelWish } {
  const file: WaitFile = {
    name,
    folder: need?.folder ?? null,
    state: 'unknown',
    sha256: need?.sha256 ?? null,
    bytes: need?.bytes ?? null,
    progress: need?.progress ?? 0,
    problem: need?.problem ?? null,
  }
  if (!need) return { file: { ...file, problem: 'Nobody knows where to get it' } }
  if (need.state === 'present') return ofPresent(file, need, mode)
  const wish = need.sources.find((source) => source.file.gate === 'open')?.wish ?? need.sources[0]?.wish
  switch (need.state) {
    case 'downloading':
      return { file: { ...file, state: 'fetching' }, ...(mode === 'fetch' && wish && { wish }) }
    case 'available':
    case 'gated':
      if (mode === 'wait') return { file: { ...file, state: need.state === 'gated' ? 'gated' : 'waiting' } }
      return {
        file: { ...file, state: need.state === 'gated' ? 'gated' : 'fetching' },
        ...(wish && { wish }),
      }
    case 'ambiguous':
    case 'unknown':
      return { file: { ...file, state: need.state } }
  }
}

/** It is here. Under another name it is put beside it under the one that the graph has: the downloader links it. */
function ofPresent(file: WaitFile, { folder, path, sha256 }: NeedView, mode: 'wait' | 'fetch') {
  const isAsNamed = !path || !folder || path === `${folder}/${file.name}`
  if (isAsNamed || !sha256 || mode === 'wait')
    return { file: { ...file, state: 'present' as const, progress: 1 } }
  const wish = {
    source: 'hash' as const,
    hash: sha256,
    folder: folder as ModelWish['folder'],
    filename: file.name,
  }
  return { file: { ...file, state: 'fetching' as const, problem: null }, wish }
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** While it is queued. */
export function phaseOf({ state, bytesDone, bytesTotal }: ModelWait): {
  phase: JobPhase | null
  progress: JobProgress | null
} {
  if (state !== 'fetching' && state !== 'placing') return { phase: null, progress: null }
  const value = state === 'placing' ? 1 : bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : 0
  return { phase: 'downloading-models', progress: { value } }
}

const mostReasons = 10

export function reasonsOf({ state, files }: ModelWait): WaitingReason[] {
  if (state === 'done') return []
  return files.slice(0, mostReasons).map((file) => ({ code: codes[file.state], message: sentenceOf(file) }))
}

const codes: Record<WaitFile['state'], string> = {
  unasked: 'MODEL_LOOKED_FOR',
  present: 'MODEL_COMES',
  waiting: 'MODEL_MISSING',
  fetching: 'MODEL_DOWNLOADING',
  gated: 'MODEL_GATED',
  ambiguous: 'MODEL_AMBIGUOUS',
  unknown: 'MODEL_UNKNOWN',
}

function sentenceOf({ name, state, progress, problem }: WaitFile): string {
  switch (state) {
    case 'unasked':
      return `${name} is being looked for${problem ? `: ${problem}` : ''}`
    case 'present':
      return `${name} is here; the workers are told of it`
    case 'waiting':
      return `${name} is missing: somebody must fetch it`
    case 'fetching':
      return `${name} is downloading: ${Math.floor(progress * 100)} %${problem ? ` (${problem})` : ''}`
    case 'gated':
      return `${name} is gated: ${problem ?? 'its terms must be accepted first'}`
    case 'ambiguous':
      return `${name}: ${problem ?? 'several files have this name'}`
    case 'unknown':
      return `${name}: ${problem ?? 'nobody knows where to get it'}`
  }
}
