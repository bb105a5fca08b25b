import { Autocomplete } from '@base-ui/react/autocomplete'
import { Dialog } from '@base-ui/react/dialog'
import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { setTheme } from '../lib/theme.ts'
import { views } from './views.ts'
import type { LucideIcon } from 'lucide-react'

type Entry = { value: string; label: string; about: string; icon?: LucideIcon; act: () => void }

const opening = new EventTarget()

export function openPalette(): void {
  opening.dispatchEvent(new Event('open'))
}

/** `Ctrl K`: everything there is to go to and to do, by its name. */
export function Palette() {
  const [open, setOpen] = useState(false)
  const navigate = useNavigate()
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== 'k' ||
        !(event.ctrlKey || event.metaKey) ||
        event.altKey ||
        event.shiftKey
      )
        return
      event.preventDefault()
      setOpen((before) => !before)
    }
    const onOpen = () => setOpen(true)
    addEventListener('keydown', onKey)
    opening.addEventListener('open', onOpen)
    return () => {
      removeEventListener('keydown', onKey)
      opening.removeEventListener('open', onOpen)
    }
  }, [])
  const entries: Entry[] = [
    ...views.map(({ to, name, about, icon }) => ({
      value: to,
      label: name,
      about,
      icon,
      act: () => void navigate({ to }),
    })),
    { value: 'light', label: 'Light colours', about: 'Theme', act: () => setTheme('light') },
    { value: 'dark', label: 'Dark colours', about: 'Theme', act: () => setTheme('dark') },
    { value: 'system', label: 'Colours of the system', about: 'Theme', act: () => setTheme('system') },
  ]
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0" />
        <Dialog.Popup
          aria-label="Go to"
          className="fixed inset-x-4 top-[12dvh] z-50 mx-auto max-w-lg overflow-hidden rounded-panel border bg-raised shadow-raised outline-none"
        >
          <Autocomplete.Root
            items={entries}
            open
            inline
            autoHighlight="always"
            itemToStringValue={(entry: Entry) => entry.label}
          >
            <div className="flex items-center gap-2 border-b px-3">
              <Search size={16} className="text-ink-3" aria-hidden />
              <Autocomplete.Input
                aria-label="Go to"
                placeholder="Go to …"
                className="h-12 min-w-0 flex-1 bg-transparent text-lg outline-none placeholder:text-ink-3"
              />
            </div>
            <Autocomplete.Empty className="px-4 py-6 text-center text-ink-2 empty:hidden">
              Nothing has that name.
            </Autocomplete.Empty>
            <Autocomplete.List className="max-h-[50dvh] overflow-y-auto p-1 empty:hidden">
              {(entry: Entry) => (
                <Autocomplete.Item
                  key={entry.value}
                  value={entry}
                  onClick={() => {
                    setOpen(false)
                    entry.act()
                  }}
                  className="flex h-10 items-center gap-2.5 rounded-control px-2.5 outline-none data-[highlighted]:bg-hover"
                >
                  {entry.icon ? (
                    <entry.icon size={16} className="text-ink-2" aria-hidden />
                  ) : (
                    <span className="size-4" />
                  )}
                  <span className="font-medium">{entry.label}</span>
                  <span className="ml-auto truncate text-sm text-ink-3">{entry.about}</span>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Root>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
