import { useNavigate } from '@tanstack/react-router'
import { useSuspenseQuery } from '@tanstack/react-query'
import { LogOut, Search } from 'lucide-react'
import { easel } from '../api/easel.ts'
import { meQuery, queries } from '../api/queries.ts'
import { setTheme, useTheme } from '../lib/theme.ts'
import { Menu, MenuChoices, MenuItem, MenuLine } from '../ui/menu.tsx'
import { tellError } from '../ui/toasts.tsx'
import { openPalette } from './palette.tsx'
import { views } from './views.ts'
import type { Theme } from '../lib/theme.ts'

const themes: readonly { value: Theme; name: string }[] = [
  { value: 'system', name: 'As the system' },
  { value: 'light', name: 'Light' },
  { value: 'dark', name: 'Dark' },
]

export function UserMenu() {
  const { data: me } = useSuspenseQuery(meQuery)
  const theme = useTheme()
  const navigate = useNavigate()
  const logOut = async () => {
    try {
      await easel.auth.logOut()
      queries.clear()
      await navigate({ to: '/login' })
    } catch (error) {
      tellError(error)
    }
  }
  return (
    <Menu
      side="top"
      trigger={
        <button
          type="button"
          className="flex min-w-0 items-center gap-2.5 rounded-control p-1.5 text-left hover:bg-hover md:w-full md:max-xl:justify-center"
        >
          <Initials name={me.name} />
          <span className="min-w-0 flex-1 max-xl:sr-only">
            <span className="block truncate font-medium">{me.name}</span>
            <span className="block truncate text-xs text-ink-2">{me.email}</span>
          </span>
        </button>
      }
    >
      <MenuChoices label="Colours" value={theme} choices={themes} onChoose={setTheme} />
      <MenuLine />
      <MenuItem icon={<Search size={16} aria-hidden />} onSelect={openPalette}>
        Go to … <kbd className="float-right text-xs text-ink-3">Ctrl K</kbd>
      </MenuItem>
      {views
        .filter(({ onPhone, to }) => !onPhone || to === '/settings')
        .map(({ to, name, icon: Icon }) => (
          <MenuItem key={to} icon={<Icon size={16} aria-hidden />} onSelect={() => void navigate({ to })}>
            {name}
          </MenuItem>
        ))}
      <MenuItem icon={<LogOut size={16} aria-hidden />} onSelect={() => void logOut()}>
        Log out
      </MenuItem>
    </Menu>
  )
}

function Initials({ name }: { name: string }) {
  const letters = [...name.trim()].slice(0, 1).join('').toUpperCase()
  return (
    <span
      className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-ink"
      aria-hidden
    >
      {letters || '?'}
    </span>
  )
}
