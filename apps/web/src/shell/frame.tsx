import { Outlet } from '@tanstack/react-router'
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import { feedQueries } from '../api/feed.ts'
import { live } from '../api/live.ts'
import { logIn } from '../api/log-in.ts'
import { meQuery, spaceOf } from '../api/queries.ts'
import { useFrameKeys } from './frame-keys.ts'
import { LinkNotice } from './link-notice.tsx'
import { Navigation } from './navigation.tsx'
import { onOpenKeys, onOpenPalette } from './openings.ts'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const KeysDialog = lazy(async () => ({ default: (await import('./keys-dialog.tsx')).KeysDialog }))
const LogInAgain = lazy(async () => ({ default: (await import('./log-in-again.tsx')).LogInAgain }))

/** Navigation at the left, below on a phone; the view in the rest. */
export function Frame() {
  useEvents()
  useFrameKeys()
  const isOver = useSyncExternalStore(logIn.watch, logIn.state) === 'over'
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#view"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:border focus:bg-raised focus:px-3 focus:py-2 focus:font-medium"
      >
        To the content
      </a>
      <Navigation />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col max-md:order-first">
        <LinkNotice />
        <main id="view" tabIndex={-1} className="min-h-0 flex-1 overflow-x-clip overflow-y-auto outline-none">
          <Outlet />
        </main>
      </div>
      <Openings />
      <Suspense>{isOver && <LogInAgain />}</Suspense>
    </div>
  )
}

/** The one event stream of the tab, as long as somebody is logged in. */
function useEvents() {
  const client = useQueryClient()
  const { data: me } = useSuspenseQuery(meQuery)
  const spaceId = spaceOf(me)
  useEffect(() => {
    const stop = feedQueries(client, live)
    live.open(spaceId)
    const onSight = () => document.visibilityState === 'visible' && live.retryNow()
    addEventListener('online', live.retryNow)
    addEventListener('offline', live.retryNow)
    document.addEventListener('visibilitychange', onSight)
    return () => {
      removeEventListener('online', live.retryNow)
      removeEventListener('offline', live.retryNow)
      document.removeEventListener('visibilitychange', onSight)
      stop()
      live.close()
    }
  }, [client, spaceId])
}

/** What opens over everything is fetched when it is opened first. */
function Openings() {
  const [shown, setShown] = useState<'palette' | 'keys'>()
  const [wanted, setWanted] = useState({ palette: false, keys: false })
  useEffect(() => {
    const show = (what: 'palette' | 'keys') => () => {
      setWanted((before) => ({ ...before, [what]: true }))
      setShown((before) => (before === what ? undefined : what))
    }
    const stops = [onOpenPalette(show('palette')), onOpenKeys(show('keys'))]
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
  const close = () => setShown(undefined)
  return (
    <Suspense>
      {wanted.palette && <Palette open={shown === 'palette'} onClose={close} />}
      {wanted.keys && <KeysDialog open={shown === 'keys'} onClose={close} />}
    </Suspense>
  )
}
