import { Autocomplete } from '@base-ui/react/autocomplete'
import { Dialog } from '@base-ui/react/dialog'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { usePaletteGroups } from './palette-groups.ts'
import type { Entry, Group } from './palette-groups.ts'

/** `Ctrl K`: everything there is to go to, to do and to find, by its name. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0" />
        <Dialog.Popup
          aria-label="Go to"
          className="fixed inset-x-4 top-[8dvh] z-50 mx-auto flex max-h-[80dvh] max-w-xl flex-col overflow-hidden rounded-panel border bg-raised shadow-raised outline-none"
        >
          <Finder onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Finder({ onClose }: { onClose: () => void }) {
  const [written, setWritten] = useState('')
  const { groups, isSearching } = usePaletteGroups(written)
  return (
    <Autocomplete.Root
      items={groups}
      value={written}
      onValueChange={setWritten}
      open
      inline
      autoHighlight="always"
      filter={null}
      itemToStringValue={(entry: Entry) => entry.label}
    >
      <div className="flex items-center gap-2.5 border-b px-4">
        <Search size={16} className="shrink-0 text-ink-3" aria-hidden />
        <Autocomplete.Input
          aria-label="Go to"
          placeholder="A view, an action, a picture, a model, the id of a job …"
          className="h-12 min-w-0 flex-1 bg-transparent text-lg outline-none placeholder:text-ink-3"
        />
      </div>
      <Autocomplete.Empty className="px-4 py-8 text-center text-ink-2 empty:hidden">
        {isSearching ? 'Searching …' : <Nothing written={written} />}
      </Autocomplete.Empty>
      <Autocomplete.List className="min-h-0 flex-1 scroll-py-1 overflow-y-auto p-1 empty:hidden">
        {(group: Group) => (
          <Autocomplete.Group key={group.label} items={group.items} className="pb-1">
            <Autocomplete.GroupLabel className="px-2.5 pt-2 pb-1 text-xs font-medium text-ink-3">
              {group.label}
            </Autocomplete.GroupLabel>
            <Autocomplete.Collection>
              {(entry: Entry) => (
                <Autocomplete.Item
                  key={entry.value}
                  value={entry}
                  onClick={() => {
                    onClose()
                    entry.act()
                  }}
                  className="flex min-h-10 items-center gap-2.5 rounded-control px-2.5 py-1 outline-none data-[highlighted]:bg-hover max-md:min-h-11"
                >
                  <Sign entry={entry} />
                  <span className="min-w-0 flex-1 truncate font-medium" dir="auto">
                    {entry.label}
                  </span>
                  <span className="max-w-[45%] shrink-0 truncate text-sm text-ink-3">{entry.about}</span>
                </Autocomplete.Item>
              )}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
      <p role="status" className="sr-only">
        {isSearching ? '' : `${groups.reduce((sum, { items }) => sum + items.length, 0)} found`}
      </p>
    </Autocomplete.Root>
  )
}

function Nothing({ written }: { written: string }) {
  return (
    <>
      Nothing here is called “<bdi className="break-words">{written.slice(0, 80)}</bdi>”.
    </>
  )
}

function Sign({ entry: { picture, icon: Icon } }: { entry: Entry }) {
  if (picture !== undefined) {
    return (
      <img
        src={picture}
        alt=""
        width={32}
        height={32}
        loading="lazy"
        className="-ml-2 size-8 shrink-0 rounded-control bg-hover object-cover"
      />
    )
  }
  return Icon ? (
    <Icon size={16} className="shrink-0 text-ink-2" aria-hidden />
  ) : (
    <span className="size-4 shrink-0" aria-hidden />
  )
}
