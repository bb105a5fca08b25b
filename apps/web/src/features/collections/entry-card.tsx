import { ArrowDown, ArrowUp, Ellipsis, ExternalLink, Sparkles, Trash2 } from 'lucide-react'
import { useNavigate } from '@tanstack/react-router'
import { easel } from '../../api/easel.ts'
import { bytes } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { useFamilyNames } from '../models/families.ts'
import { Picture } from '../models/picture.tsx'
import { nameOfEntry, recipeOf } from './collection-recipe.ts'
import { changeCollection, showCollection, writtenEntry } from './collections.ts'
import { EntryImages } from './entry-images.tsx'
import { EntryWords } from './entry-words.tsx'
import { LoraState } from './lora-state.tsx'
import type { CollectionView } from '@easel/client'

type Entry = CollectionView['entries'][number]
type CardProps = { collection: CollectionView; entry: Entry; index: number; mayChange: boolean }

/** A LoRA of a collection: what is known of it, and what its people say. */
export function EntryCard({ collection, entry, index, mayChange }: CardProps) {
  return (
    <article className="rounded-panel border bg-panel p-3 md:p-4" aria-label={nameOfEntry(entry)}>
      <div className="grid grid-cols-[auto_minmax(0,1fr)] items-start gap-3 md:grid-rows-[auto_1fr] md:gap-x-4">
        <span className="block h-24 w-18 overflow-hidden rounded-control bg-hover md:row-span-2 md:h-32 md:w-24">
          <Picture example={entry.image ?? undefined} alt="" width={96} />
        </span>
        <Head collection={collection} entry={entry} index={index} mayChange={mayChange} />
        <div className="max-md:col-span-2">
          <EntryWords collection={collection} entry={entry} mayChange={mayChange} />
        </div>
      </div>
      <EntryImages collection={collection} entry={entry} mayChange={mayChange} />
    </article>
  )
}

function Head({ collection, entry, index, mayChange }: CardProps) {
  const familyName = useFamilyNames()
  const { title, name, family, bytes: size, url } = entry
  const facts = [isGiven(name) && title, isGiven(family) && familyName(family), isGiven(size) && bytes(size)]
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <h4 className="truncate text-lg font-medium" title={nameOfEntry(entry)} dir="auto">
          {nameOfEntry(entry)}
        </h4>
        <p className="nums flex flex-wrap items-center gap-x-3 text-sm text-ink-2">
          <LoraState {...entry} />
          <span className="min-w-0 truncate">{facts.filter(Boolean).join(' · ')}</span>
          {isGiven(url) && /^https?:/.test(url) && (
            <a
              href={url}
              target="_blank"
              rel="noreferrer noopener"
              className="inline-flex items-center gap-1 hover:text-accent"
            >
              Its page <ExternalLink size={12} aria-hidden />
            </a>
          )}
        </p>
      </div>
      <More collection={collection} entry={entry} index={index} mayChange={mayChange} />
    </div>
  )
}

function More({ collection, entry, index, mayChange }: CardProps) {
  const navigate = useNavigate()
  const { id, entries } = collection
  const move = (by: -1 | 1) =>
    void changeCollection(id, (now) => {
      const ids = now.entries.map((each) => ({ id: each.id }))
      const at = ids.findIndex((each) => each.id === entry.id)
      if (at >= 0) ids.splice(at + by, 0, ...ids.splice(at, 1))
      return { entries: ids }
    })
  const recipe = () => recipeOf({ prompt: null }, [entry])
  if (!mayChange && entry.state !== 'installed') return null
  return (
    <Menu
      align="end"
      trigger={
        <Button
          small
          look="quiet"
          icon={<Ellipsis size={17} aria-hidden />}
          aria-label={`More of ${nameOfEntry(entry)}`}
        />
      }
    >
      {entry.state === 'installed' && (
        <MenuItem
          icon={<Sparkles size={16} aria-hidden />}
          onSelect={() => void navigate({ to: '/create', state: { recipe: recipe() } })}
        >
          Use this one in Create
        </MenuItem>
      )}
      {mayChange && (
        <>
          {index > 0 && (
            <MenuItem icon={<ArrowUp size={16} aria-hidden />} onSelect={() => move(-1)}>
              Move up
            </MenuItem>
          )}
          {index < entries.length - 1 && (
            <MenuItem icon={<ArrowDown size={16} aria-hidden />} onSelect={() => move(1)}>
              Move down
            </MenuItem>
          )}
          <MenuLine />
          <MenuItem
            icon={<Trash2 size={16} aria-hidden />}
            danger
            onSelect={() => void takeOut(collection, entry, index)}
          >
            Take out
          </MenuItem>
        </>
      )}
    </Menu>
  )
}

async function takeOut({ id }: CollectionView, entry: Entry, index: number): Promise<void> {
  try {
    showCollection(await easel.collections.remove(id, entry.id))
  } catch (error) {
    return tellError(error)
  }
  tell(`“${nameOfEntry(entry)}” is taken out`, {
    undo: () =>
      void changeCollection(id, ({ entries }) => ({
        entries: (entries.map((each) => ({ id: each.id })) as Written[]).toSpliced(
          index,
          0,
          writtenEntry(entry),
        ),
      })),
  })
}

type Written = ReturnType<typeof writtenEntry> | { id: string }
