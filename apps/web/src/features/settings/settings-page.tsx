import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useSuspenseQuery } from '@tanstack/react-query'
import {
  Gauge,
  KeyRound,
  Palette,
  ScrollText,
  ShieldCheck,
  UserRound,
  UsersRound,
  Webhook,
  Boxes,
  Users,
} from 'lucide-react'
import clsx from 'clsx'
import { lazy, Suspense } from 'react'
import { meQuery } from '../../api/queries.ts'
import { useSpace } from '../../api/space.ts'
import { control } from '../../ui/field.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, Loading } from '../../ui/states.tsx'
import { Keys } from './keys.tsx'
import { Look } from './look.tsx'
import { Profile } from './profile.tsx'
import { Security } from './security.tsx'
import { adminParts, personalParts, spaceParts } from './settings-search.ts'
import type { LucideIcon } from 'lucide-react'
import type { ComponentType } from 'react'
import type { SettingsPart } from './settings-search.ts'

type Part = { name: string; about: string; icon: LucideIcon; show: ComponentType }

const late = <N extends string>(load: () => Promise<Record<N, ComponentType>>, name: N) =>
  lazy(async () => ({ default: (await load())[name] }))

const parts: Record<SettingsPart, Part> = {
  profile: {
    name: 'Profile',
    about: 'How others see you, and what pictures you are shown.',
    icon: UserRound,
    show: Profile,
  },
  security: {
    name: 'Password and log-ins',
    about: 'Your password, and where you are logged in.',
    icon: ShieldCheck,
    show: Security,
  },
  look: { name: 'Look', about: 'How the studio looks in this browser.', icon: Palette, show: Look },
  keys: {
    name: 'API keys',
    about: 'For programs and the command line, instead of your password.',
    icon: KeyRound,
    show: Keys,
  },
  space: {
    name: 'Space',
    about: 'Its name, and who is in it.',
    icon: UsersRound,
    show: late(() => import('./space-part.tsx'), 'SpacePart'),
  },
  webhooks: {
    name: 'Webhooks',
    about: 'What happens in this space, told to a server of yours.',
    icon: Webhook,
    show: late(() => import('./webhooks.tsx'), 'Webhooks'),
  },
  users: {
    name: 'Users',
    about: 'Who may log in, and as what.',
    icon: Users,
    show: late(() => import('../admin/users.tsx'), 'UsersPart'),
  },
  spaces: {
    name: 'Spaces',
    about: 'All spaces, their members and budgets.',
    icon: Boxes,
    show: late(() => import('../admin/spaces.tsx'), 'SpacesPart'),
  },
  limits: {
    name: 'Limits',
    about: 'What holds for every space and user that has no limits of its own.',
    icon: Gauge,
    show: late(() => import('../admin/limits.tsx'), 'LimitsPart'),
  },
  audit: {
    name: 'Audit log',
    about: 'Who did what to accounts, keys, spaces and workers.',
    icon: ScrollText,
    show: late(() => import('../admin/audit.tsx'), 'AuditPart'),
  },
}

export function SettingsPage() {
  const { part = 'profile' } = useSearch({ from: '/studio/settings' })
  const { data: me } = useSuspenseQuery(meQuery)
  const isAdmin = me.role === 'admin'
  const isForbidden = (adminParts as readonly string[]).includes(part) && !isAdmin
  const { name, about, show: Show } = parts[part]
  return (
    <Page title="Settings" wide>
      <div className="grid w-full max-w-6xl grid-cols-1 items-start gap-x-10 gap-y-5 lg:grid-cols-[13rem_minmax(0,1fr)]">
        <Parts current={part} isAdmin={isAdmin} />
        <div className="flex min-w-0 flex-col gap-4">
          <header>
            <h2 className="text-lg font-semibold max-lg:sr-only">{name}</h2>
            <p className="text-ink-2">{about}</p>
          </header>
          {isForbidden ? (
            <Empty title="This is for administrators">An administrator can give you the role.</Empty>
          ) : (
            <Suspense fallback={<Loading rows={3} />}>
              <Show />
            </Suspense>
          )}
        </div>
      </div>
    </Page>
  )
}

function Parts({ current, isAdmin }: { current: SettingsPart; isAdmin: boolean }) {
  const navigate = useNavigate({ from: '/settings' })
  const space = useSpace()
  const groups: { name: string; parts: readonly SettingsPart[] }[] = [
    { name: 'You', parts: personalParts },
    { name: space.personal ? 'Your personal space' : space.name, parts: spaceParts },
    ...(isAdmin ? [{ name: 'Administration', parts: adminParts }] : []),
  ]
  return (
    <>
      <select
        aria-label="Part of the settings"
        value={current}
        onChange={({ target }) => void navigate({ search: { part: target.value as SettingsPart } })}
        className={clsx(control, 'lg:hidden')}
      >
        {groups.map((group) => (
          <optgroup key={group.name} label={group.name}>
            {group.parts.map((part) => (
              <option key={part} value={part}>
                {parts[part].name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <nav aria-label="Settings" className="sticky top-4 flex flex-col gap-5 max-lg:hidden">
        {groups.map((group) => (
          <div key={group.name} className="flex flex-col gap-0.5">
            <h2 className="truncate px-2.5 pb-1 text-xs font-medium text-ink-3" dir="auto" title={group.name}>
              {group.name}
            </h2>
            {group.parts.map((part) => {
              const { name, icon: Icon } = parts[part]
              return (
                <Link
                  key={part}
                  to="/settings"
                  search={{ part }}
                  aria-current={part === current ? 'page' : undefined}
                  className={clsx(
                    'flex h-8 items-center gap-2.5 rounded-control px-2.5 font-medium hover:bg-hover',
                    part === current ? 'bg-hover text-ink' : 'text-ink-2 hover:text-ink',
                  )}
                >
                  <Icon size={16} aria-hidden /> {name}
                </Link>
              )
            })}
          </div>
        ))}
      </nav>
    </>
  )
}
