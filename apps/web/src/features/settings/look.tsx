import { Monitor, Moon, Sun } from 'lucide-react'
import clsx from 'clsx'
import { setTheme, useTheme } from '../../lib/theme.ts'
import { useMedia } from '../../lib/media.ts'
import { Panel } from '../../ui/page.tsx'
import type { LucideIcon } from 'lucide-react'
import type { Theme } from '../../lib/theme.ts'

const themes: readonly { value: Theme; name: string; icon: LucideIcon }[] = [
  { value: 'system', name: 'As the system', icon: Monitor },
  { value: 'light', name: 'Light', icon: Sun },
  { value: 'dark', name: 'Dark', icon: Moon },
]

export function Look() {
  const theme = useTheme()
  const isStill = useMedia('(prefers-reduced-motion: reduce)')
  return (
    <Panel>
      <fieldset className="p-4">
        <legend className="float-left mb-2 w-full text-sm font-medium">Colours</legend>
        <div className="clear-both grid max-w-lg gap-2 sm:grid-cols-3">
          {themes.map(({ value, name, icon: Icon }) => (
            <label
              key={value}
              className={clsx(
                'flex min-h-11 cursor-pointer items-center gap-2.5 rounded-control border px-3 py-2.5 font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
                theme === value ? 'border-accent bg-accent-soft' : 'hover:bg-hover',
              )}
            >
              <input
                type="radio"
                name="theme"
                className="sr-only"
                checked={theme === value}
                onChange={() => setTheme(value)}
              />
              <Icon size={16} aria-hidden /> {name}
            </label>
          ))}
        </div>
      </fieldset>
      <p className="border-t px-4 py-3 text-sm text-ink-2">
        Motion follows the system too: it is {isStill ? 'reduced' : 'on'} now.
      </p>
    </Panel>
  )
}
