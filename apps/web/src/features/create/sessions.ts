import { useQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { meQuery, queries, spaceOf } from '../../api/queries.ts'
import { tell, tellError } from '../../ui/toasts.tsx'
import type { CreateSession, SessionView } from '@easel/client'

const undoMs = 10_000
const listKey = ['sessions', 'create'] as const

/** Deleted for the reader, not yet for the server. */
const leaving = new Map<string, ReturnType<typeof setTimeout>>()

/** The sessions of the space that the page works in, the newest first. */
export function useSessions() {
  const { data: me } = useQuery(meQuery)
  const space = me && spaceOf(me)
  return useQuery({
    queryKey: [...listKey, space],
    queryFn: () => easel.sessions.list({ kind: 'workflow', limit: 60, spaceId: space! }),
    enabled: space !== undefined,
    refetchOnWindowFocus: 'always',
    select: ({ items }) => items.filter(({ id }) => !leaving.has(id)),
  })
}

export async function createSession(
  session: Pick<CreateSession, 'title' | 'draft'> = {},
): Promise<SessionView> {
  const made = await easel.sessions.create({ kind: 'workflow', ...session })
  queries.setQueryData(['session', made.id], made)
  listAnew()
  return made
}

/** Its draft may be saved at the same time: the newest revision is the one to rename. */
export async function renameSession(id: string, title: string): Promise<void> {
  try {
    const now = await easel.sessions.get(id)
    queries.setQueryData(['session', id], await easel.sessions.update(id, now.revision, { title }))
    listAnew()
  } catch (error) {
    tellError(error)
  }
}

/** Gone from the page at once, and from the server when nobody has taken it back for ten seconds. */
export function deleteSession(
  { id }: SessionView,
  { name, onUndo }: { name: string; onUndo: () => void },
): void {
  leaving.set(
    id,
    setTimeout(() => void deleteNow(id), undoMs),
  )
  void queries.invalidateQueries({ queryKey: listKey })
  tell(`“${name}” is deleted`, {
    description: 'What was made in it stays in the gallery.',
    undo: () => {
      clearTimeout(leaving.get(id))
      leaving.delete(id)
      void queries.invalidateQueries({ queryKey: listKey })
      onUndo()
    },
  })
}

async function deleteNow(id: string): Promise<void> {
  try {
    await easel.sessions.delete(id)
    queries.removeQueries({ queryKey: ['session', id] })
  } catch (error) {
    tellError(error)
  } finally {
    leaving.delete(id)
    listAnew()
  }
}

/** Who leaves the page does not take it back any more. */
addEventListener('pagehide', () => {
  for (const [id, timer] of leaving) {
    clearTimeout(timer)
    void fetch(`/api/sessions/${encodeURIComponent(id)}`, { method: 'DELETE', keepalive: true })
  }
  leaving.clear()
})

function listAnew(): void {
  void queries.invalidateQueries({ queryKey: ['sessions'] })
}
