import { Layers } from 'lucide-react'
import clsx from 'clsx'
import { ago, count } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { AssetPicture } from './asset-picture.tsx'
import type { CollectionSummary } from '@easel/client'

export function CollectionCard({
  collection,
  onOpen,
}: {
  collection: CollectionSummary
  onOpen: () => void
}) {
  const { name, description, tags, entryCount, covers, updatedAt } = collection
  return (
    <button
      type="button"
      onClick={onOpen}
      className="flex size-full flex-col overflow-hidden rounded-panel border bg-panel text-left transition-colors hover:border-line-strong"
    >
      <Covers ids={covers} />
      <span className="flex w-full flex-col gap-0.5 p-3">
        <span className="truncate text-lg font-medium" dir="auto">
          {name}
        </span>
        <span className="nums text-sm text-ink-2">
          {count(entryCount, 'LoRA')} · changed {ago(updatedAt)}
        </span>
        {isGiven(description) && (
          <span className="line-clamp-2 text-sm text-ink-2" dir="auto">
            {description}
          </span>
        )}
        {tags.length > 0 && (
          <span className="mt-1 flex flex-wrap gap-1">
            {tags.slice(0, 6).map((tag) => (
              <span
                key={tag}
                className="max-w-40 truncate rounded-full border px-2 text-xs text-ink-2"
                dir="auto"
              >
                {tag}
              </span>
            ))}
          </span>
        )}
      </span>
    </button>
  )
}

/** Side by side, as many as there are. */
function Covers({ ids }: { ids: readonly string[] }) {
  return (
    <span className={clsx('flex h-36 w-full bg-inset', ids.length > 0 && 'gap-px')}>
      {ids.length === 0 && (
        <span className="grid size-full place-items-center text-ink-3" aria-hidden>
          <Layers size={28} strokeWidth={1.25} className="opacity-60" />
        </span>
      )}
      {ids.map((id) => (
        <span key={id} className="min-w-0 flex-1">
          <AssetPicture id={id} size={512} alt="" />
        </span>
      ))}
    </span>
  )
}
