import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import clsx from 'clsx'
import { openDownloadsQuery, openJobsQuery } from '../api/open-work.ts'
import { count } from '../lib/format.ts'
import { SpaceMenu } from './space-menu.tsx'
import { UserMenu } from './user-menu.tsx'
import { views } from './views.ts'
import type { OpenWork } from '../api/count-open.ts'
import type { View } from './views.ts'

/** At the left from 768 pixels, with words from 1280; below on a phone. */
export function Navigation() {
  return (
    <nav
      aria-label="Views"
      className="flex shrink-0 gap-1 bg-panel max-md:border-t max-md:pr-[env(safe-area-inset-right)] max-md:pb-[env(safe-area-inset-bottom)] max-md:pl-[env(safe-area-inset-left)] md:w-14 md:flex-col md:overflow-y-auto md:border-r md:p-2 xl:w-52"
    >
      <div className="mb-2 max-md:hidden">
        <SpaceMenu />
      </div>
      {views.map((view) => (
        <ViewLink key={view.to} view={view} />
      ))}
      <div className="flex items-center max-md:flex-1 md:mt-auto md:pt-2">
        <UserMenu />
      </div>
    </nav>
  )
}

function ViewLink({ view: { to, name, icon: Icon, onPhone } }: { view: View }) {
  return (
    <Link
      to={to}
      title={name}
      className={clsx(
        !onPhone && 'max-md:hidden',
        'flex shrink-0 items-center gap-2.5 rounded-control font-medium text-ink-2 -outline-offset-2 transition-colors hover:bg-hover hover:text-ink max-md:min-h-14 max-md:min-w-0 max-md:flex-1 max-md:flex-col max-md:justify-center max-md:gap-0.5 max-md:text-xs md:h-9 md:px-2.5 md:max-xl:justify-center md:max-xl:px-0',
      )}
      activeProps={{
        className: 'bg-accent-soft text-ink max-md:bg-transparent max-md:text-accent',
        'aria-current': 'page',
      }}
    >
      <span className="relative">
        <Icon size={18} aria-hidden />
        <span className="xl:hidden">{counts[to]}</span>
      </span>
      <span className="max-w-full min-w-0 truncate md:max-xl:sr-only xl:flex-1">{name}</span>
      <span className="max-xl:hidden">{counts[to]}</span>
    </Link>
  )
}

function RunningJobs() {
  return <Count work={useQuery(openJobsQuery).data} what="job" />
}

function RunningDownloads() {
  return <Count work={useQuery(openDownloadsQuery).data} what="download" />
}

const counts: { [to in View['to']]?: React.ReactNode } = {
  '/queue': <RunningJobs />,
  '/downloads': <RunningDownloads />,
}

/** A number where there is room, beside the icon elsewhere. */
function Count({ work, what }: { work: OpenWork | undefined; what: string }) {
  const running = work?.ids.length ?? 0
  if (running === 0) return null
  return (
    <span
      title={`${count(running, what)} running`}
      className="nums grid h-4 min-w-4 place-items-center rounded-full bg-accent px-1 text-[0.6875rem] leading-none font-semibold text-on-accent max-xl:absolute max-xl:-top-1.5 max-xl:left-2.5"
    >
      {running > 99 ? '99+' : running}
    </span>
  )
}
