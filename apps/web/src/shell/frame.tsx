import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import clsx from 'clsx'
import { useEffect, useSyncExternalStore } from 'react'
import { feedQueries } from '../api/feed.ts'
import { live } from '../api/live.ts'
import { LinkNotice } from './link-notice.tsx'
import { Palette } from './palette.tsx'
import { SpaceMenu } from './space-menu.tsx'
import { UserMenu } from './user-menu.tsx'
import { views } from './views.ts'

/** Navigation at the left, below on a phone; the view in the rest. */
export function Frame() {
  const client = useQueryClient()
  const state = useSyncExternalStore(live.watch, live.state)
  const navigate = useNavigate()
  useEffect(() => {
    const stop = feedQueries(client, live)
    live.open()
    return () => {
      stop()
      live.close()
    }
  }, [client])
  useEffect(() => {
    if (state === 'ended') void navigate({ to: '/login' })
  }, [state, navigate])
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#view"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-control focus:bg-raised focus:p-2"
      >
        To the content
      </a>
      <Navigation />
      <div className="flex min-w-0 flex-1 flex-col max-md:order-first max-md:min-h-0">
        <LinkNotice state={state} />
        <main id="view" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto outline-none">
          <Outlet />
        </main>
      </div>
      <Palette />
    </div>
  )
}

function Navigation() {
  return (
    <nav
      aria-label="Views"
      className="flex shrink-0 gap-1 bg-panel max-md:border-t max-md:pb-[env(safe-area-inset-bottom)] md:w-14 md:flex-col md:border-r md:p-2 xl:w-52"
    >
      <div className="mb-2 max-md:hidden">
        <SpaceMenu />
      </div>
      {views.map(({ to, name, icon: Icon, onPhone }) => (
        <Link
          key={to}
          to={to}
          title={name}
          className={clsx(
            !onPhone && 'max-md:hidden',
            'flex items-center gap-2.5 rounded-control font-medium text-ink-2 transition-colors hover:bg-hover hover:text-ink max-md:min-h-14 max-md:flex-1 max-md:flex-col max-md:justify-center max-md:gap-0.5 max-md:text-xs md:h-9 md:px-2.5 md:max-xl:justify-center md:max-xl:px-0',
          )}
          activeProps={{
            className: 'bg-accent-soft text-ink max-md:bg-transparent max-md:text-accent',
            'aria-current': 'page',
          }}
        >
          <Icon size={18} aria-hidden />
          <span className="md:max-xl:sr-only">{name}</span>
        </Link>
      ))}
      <div className="flex items-center max-md:px-1 md:mt-auto">
        <UserMenu />
      </div>
    </nav>
  )
}
