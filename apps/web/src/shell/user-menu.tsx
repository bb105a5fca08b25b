import { useNavigate } from '@tanstack/react-router'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Keyboard, LogOut, Search } from 'lucide-react'
import { openDownloadsQuery } from '../api/open-work.ts'
import { meQuery } from '../api/queries.ts'
import { commandKey } from '../lib/keys.ts'
import { useMedia } from '../lib/media.ts'
import { setTheme, useTheme } from '../lib/theme.ts'
import { Menu, MenuChoices, MenuItem, MenuLine } from '../ui/menu.tsx'
import { openKeys, openPalette } from './openings.ts'
import { SpaceChoices } from './space-menu.tsx'
import { useLogOut } from './use-log-out.ts'
import { views } from './views.ts'
import type { Theme } from '../lib/theme.ts'

const themes: readonly { value: Theme; name: string }[] = [
  { value: 'system', name: 'As the system' },
  { value: 'light', name: 'Light' },
  { value: 'dark', name: 'Dark' },
]

/** Who is logged in, and on a phone all that its navigation has no room for. */
export function UserMenu() {
  const { data: me } = useSuspenseQuery(meQuery)
  const fetching = useQuery(openDownloadsQuery).data?.ids.length ?? 0
  const isPhone = !useMedia('(min-width: 768px)')
  const theme = useTheme()
  const navigate = useNavigate()
  const logOut = useLogOut()
  return (
    <Menu
      side="top"
      trigger={
        <button
          type="button"
          title={me.name}
          className="flex min-w-0 items-center gap-2.5 rounded-control p-1.5 text-left -outline-offset-2 hover:bg-hover max-md:min-h-14 max-md:flex-1 max-md:justify-center md:w-full md:max-xl:justify-center"
        >
          <Initials name={me.name} />
          <span className="min-w-0 flex-1 max-xl:sr-only">
            <span className="block truncate font-medium" dir="auto">
              {me.name}
            </span>
            <span className="block truncate text-xs text-ink-2">{me.email}</span>
          </span>
        </button>
      }
    >
      {isPhone && (
        <>
          <SpaceChoices />
          <MenuLine />
        </>
      )}
      <MenuChoices label="Colours" value={theme} choices={themes} onChoose={setTheme} />
      <MenuLine />
      <MenuItem icon={<Search size={16} aria-hidden />} keys={`${commandKey} K`} onSelect={openPalette}>
        Go to …
      </MenuItem>
      {!isPhone && (
        <MenuItem icon={<Keyboard size={16} aria-hidden />} keys="?" onSelect={openKeys}>
          Keys
        </MenuItem>
      )}
      {views
        .filter(({ to, onPhone }) => to === '/settings' || (isPhone && !onPhone))
        .map(({ to, name, icon: Icon }) => (
          <MenuItem key={to} icon={<Icon size={16} aria-hidden />} onSelect={() => void navigate({ to })}>
            {to === '/downloads' && fetching > 0 ? `${name} (${fetching} running)` : name}
          </MenuItem>
        ))}
      <MenuItem icon={<LogOut size={16} aria-hidden />} onSelect={() => void logOut()}>
        Log out
      </MenuItem>
    </Menu>
  )
}

function Initials({ name }: { name: string }) {
  // A letter may be several code points.
  const [first] = new Intl.Segmenter().segment(name.trim())
  return (
    <span
      className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-ink"
      aria-hidden
    >
      {first?.segment.toUpperCase() ?? '?'}
    </span>
  )
}
