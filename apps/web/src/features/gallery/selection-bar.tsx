import { Popover } from '@base-ui/react/popover'
import { CheckCheck, Download, Heart, Star, Tag, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import { formText } from '../../lib/form-text.ts'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { control } from '../../ui/field.tsx'
import { deleteAssets, downloadAssets, updateAssets } from './asset-actions.ts'
import type { AssetView } from '@easel/client'

type SelectionBarProps = {
  chosen: readonly AssetView[]
  loaded: number
  /** There are more than what is loaded. */
  more: boolean
  mayWrite: boolean
  selectAll: () => void
  clear: () => void
}

/** What can be done with what is chosen; it lies over the pictures, so that none moves. */
export function SelectionBar({ chosen, loaded, more, mayWrite, selectAll, clear }: SelectionBarProps) {
  const allFavorite = chosen.every(({ favorite }) => favorite)
  return (
    <div className="pointer-events-none sticky bottom-3 z-20 flex h-0 items-end justify-center">
      <div
        role="toolbar"
        aria-label="Selection"
        className="pointer-events-auto flex items-center gap-1 rounded-panel border bg-raised p-1.5 shadow-raised max-md:w-full max-md:flex-col max-md:items-stretch"
      >
        <div className="flex items-center gap-1">
          <Button
            small
            look="quiet"
            icon={<X size={16} aria-hidden />}
            aria-label="Select nothing"
            onClick={clear}
          />
          <span className="nums flex-1 pr-2 font-medium whitespace-nowrap" aria-live="polite">
            {count(chosen.length, 'item')}
          </span>
          {chosen.length < loaded && (
            <Button
              small
              look="quiet"
              icon={<CheckCheck size={16} aria-hidden />}
              aria-label={more ? `Select all ${loaded.toLocaleString('en')} that are loaded` : 'Select all'}
              onClick={selectAll}
            />
          )}
        </div>
        <div className="flex items-center justify-between gap-1">
          {mayWrite && (
            <>
              <Button
                small
                look="quiet"
                icon={<Heart size={16} fill={allFavorite ? 'currentColor' : 'none'} aria-hidden />}
                aria-label={allFavorite ? 'Favourites no longer' : 'Favourite'}
                onClick={() => void updateAssets(chosen, { favorite: !allFavorite })}
              />
              <Rate chosen={chosen} />
              <AddTag chosen={chosen} />
            </>
          )}
          <Button
            small
            look="quiet"
            icon={<Download size={16} aria-hidden />}
            aria-label="Download"
            onClick={() => void downloadAssets(chosen)}
          />
          {mayWrite && (
            <Button
              small
              look="danger"
              icon={<Trash2 size={16} aria-hidden />}
              onClick={() => {
                deleteAssets(chosen)
                clear()
              }}
            >
              Delete
            </Button>
          )}
        </div>
      </div>
    </div>
  )
}

function Rate({ chosen }: { chosen: readonly AssetView[] }) {
  return (
    <Menu
      side="top"
      trigger={<Button small look="quiet" icon={<Star size={16} aria-hidden />} aria-label="Rate" />}
    >
      {[5, 4, 3, 2, 1, 0].map((rating) => (
        <MenuItem key={rating} onSelect={() => void updateAssets(chosen, { rating })}>
          {rating === 0 ? 'No rating' : <span aria-label={`${rating} of 5`}>{'★'.repeat(rating)}</span>}
        </MenuItem>
      ))}
    </Menu>
  )
}

function AddTag({ chosen }: { chosen: readonly AssetView[] }) {
  const [open, setOpen] = useState(false)
  const add = (form: FormData) => {
    const tag = formText(form, 'tag').trim().toLowerCase()
    setOpen(false)
    const without = chosen.filter(({ tags }) => !tags.includes(tag))
    if (tag !== '') void updateAssets(without, ({ tags }) => ({ tags: [...tags, tag] }))
  }
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        render={<Button small look="quiet" icon={<Tag size={16} aria-hidden />} aria-label="Add a tag" />}
      />
      <Popover.Portal>
        <Popover.Positioner side="top" sideOffset={8} collisionPadding={8} className="z-40">
          <Popover.Popup
            aria-label="Add a tag"
            className="rounded-panel border bg-raised p-2 shadow-raised outline-none"
          >
            <form action={add} className="flex gap-2">
              <input
                name="tag"
                aria-label="Tag"
                placeholder={`Tag ${count(chosen.length, 'item')}`}
                maxLength={64}
                required
                className={control}
              />
              <Button type="submit" look="primary">
                Add
              </Button>
            </form>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
