import { readDraft } from './draft.ts'
import type { JobView, SessionView } from '@easel/client'
import type { Draft } from './draft.ts'

export type Recent = {
  id: string
  name: string
  time: string
  thumbnailUrl?: string
  /** Of a session. */
  draft?: Draft
  /** Of a job that ran without a session. */
  jobId?: string
}

const most = 30

/** Each workflow once, by its name: as its newest session has it, else as the newest job ran it. */
export function recentOf(sessions: readonly SessionView[], jobs: readonly JobView[]): Recent[] {
  const ofSessions = sessions.flatMap((session): Recent[] => {
    const draft = readDraft(session)
    if (!draft) return []
    const { id, updatedAt, thumbnailUrl } = session
    return [{ id, name: draft.name, time: updatedAt, draft, ...(thumbnailUrl && { thumbnailUrl }) }]
  })
  const ofJobs = jobs.flatMap(({ id, name, createdAt, outputs }): Recent[] => {
    if (!name) return []
    const picture = outputs.find(({ kind }) => kind === 'image' || kind === 'video')
    const thumbnailUrl = picture && `/api/assets/${picture.assetId}/thumbnail?size=256`
    return [{ id, name, time: createdAt, jobId: id, ...(thumbnailUrl !== undefined && { thumbnailUrl }) }]
  })
  const names = new Set<string>()
  return [...ofSessions.toSorted(newestFirst), ...ofJobs]
    .filter(({ name }) => !names.has(name) && names.add(name))
    .toSorted(newestFirst)
    .slice(0, most)
}

const newestFirst = (a: Recent, b: Recent): number => Date.parse(b.time) - Date.parse(a.time)
