import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useRef } from 'react'
import { EaselError } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { openHanded } from './open-handed.ts'
import { SessionMenu } from './session-menu.tsx'
import { createSession, useSessions } from './sessions.ts'
import { Studio } from './studio.tsx'

/** Works in a session: the one of the address, else the newest, else a new one. */
export function CreatePage() {
  const { session: chosen, asset, job } = useSearch({ from: '/studio/create' })
  const navigate = useNavigate({ from: '/create' })
  const sessions = useSessions()
  const session = useQuery({
    queryKey: ['session', chosen],
    queryFn: () => easel.sessions.get(chosen!),
    enabled: chosen !== undefined,
    staleTime: 0,
    refetchOnWindowFocus: 'always',
  })
  const go = useCallback(
    (id: string | undefined, replace = false) =>
      void navigate({
        search: ({ input }) => ({
          ...(id !== undefined && { session: id }),
          ...(input !== undefined && { input }),
        }),
        state: true,
        replace,
      }),
    [navigate],
  )
  const begin = useCallback(async () => {
    try {
      go((await createSession()).id)
    } catch (error) {
      tellError(error)
    }
  }, [go])
  useHanded({ asset, job }, go)
  useFirstSession(
    { chosen, handed: asset ?? job, newest: sessions.data && (sessions.data[0]?.id ?? 'none') },
    go,
  )
  const error = session.error ?? sessions.error
  const isGone = error instanceof EaselError && error.status === 404 && chosen !== undefined
  return (
    <Page
      title="Create"
      fill
      actions={
        <SessionMenu
          sessions={sessions.data ?? []}
          current={session.data}
          onChoose={(id) => go(id)}
          onNew={() => void begin()}
        />
      }
    >
      {session.data && asset === undefined && job === undefined ? (
        <Studio key={session.data.id} session={session.data} />
      ) : isGone ? (
        <Gone onLeave={() => go(undefined)} />
      ) : error ? (
        <Failure error={error} retry={() => void queries.resetQueries({ queryKey: ['session'] })} />
      ) : (
        <Loading rows={5} />
      )}
    </Page>
  )
}

function Gone({ onLeave }: { onLeave: () => void }) {
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-4 py-14 text-center">
      <h2 className="text-lg font-medium">This session is not here any more</h2>
      <p className="max-w-md text-ink-2">It was deleted, or it belongs to another space.</p>
      <Button className="mt-2" onClick={onLeave}>
        Go to the newest one
      </Button>
    </div>
  )
}

type Go = (id: string | undefined, replace?: boolean) => void

/** What the address hands over is opened once, in a session of its own. */
function useHanded({ asset, job }: { asset: string | undefined; job: string | undefined }, go: Go): void {
  const taken = useRef<string>(undefined)
  useEffect(() => {
    const handed = asset ?? job
    if (handed === undefined || taken.current === handed) return
    taken.current = handed
    void openHanded(asset === undefined ? { job: handed } : { asset }).then((id) => {
      taken.current = undefined
      go(id, true)
    })
  }, [asset, job, go])
}

/** `newest`: its id, `none` when there is none, undefined while nobody knows. */
type Choice = { chosen: string | undefined; handed: string | undefined; newest: string | undefined }

function useFirstSession({ chosen, handed, newest }: Choice, go: Go): void {
  const begun = useRef(false)
  const isChosen = useRef(false)
  useEffect(() => {
    isChosen.current = chosen !== undefined
    if (chosen !== undefined || handed !== undefined || newest === undefined) return
    if (newest !== 'none') return go(newest, true)
    if (begun.current) return
    begun.current = true
    // In the meantime somebody may have begun one.
    createSession().then(({ id }) => isChosen.current || go(id, true), tellError)
  }, [chosen, handed, newest, go])
}
