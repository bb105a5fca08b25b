import { X } from 'lucide-react'
import { useState } from 'react'
import { updateAssets } from './asset-actions.ts'
import type { KeyboardEvent } from 'react'
import type { AssetView } from '@easel/client'

type TagsProps = { asset: AssetView; mayWrite: boolean; onChoose: (tag: string) => void }

/** Each leads to what else has it. */
export function Tags({ asset, mayWrite, onChoose }: TagsProps) {
  const [written, setWritten] = useState('')
  const add = () => {
    const tag = written.trim().replaceAll(/\s+/g, ' ').toLowerCase()
    setWritten('')
    if (tag !== '' && !asset.tags.includes(tag)) void updateAssets([asset], { tags: [...asset.tags, tag] })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ',') return
    event.preventDefault()
    add()
  }
  if (!mayWrite && asset.tags.length === 0) return null
  return (
    <section>
      <h3 className="mb-1 font-medium text-ink-2">Tags</h3>
      <div className="flex flex-wrap items-center gap-1.5">
        {asset.tags.map((tag) => (
          <span
            key={tag}
            className="flex max-w-full items-center gap-1 rounded-full border bg-inset py-0.5 pr-1 pl-2.5"
          >
            <button
              type="button"
              dir="auto"
              title={`Show what has the tag ${tag}`}
              onClick={() => onChoose(tag)}
              className="min-w-0 truncate rounded-full hover:text-accent"
            >
              {tag}
            </button>
            {mayWrite && (
              <button
                type="button"
                aria-label={`Remove the tag ${tag}`}
                onClick={() =>
                  void updateAssets([asset], { tags: asset.tags.filter((each) => each !== tag) })
                }
                className="rounded-full p-0.5 text-ink-3 hover:bg-hover hover:text-ink"
              >
                <X size={12} aria-hidden />
              </button>
            )}
          </span>
        ))}
        {mayWrite && (
          <input
            aria-label="Add a tag"
            placeholder="Add …"
            value={written}
            maxLength={64}
            onChange={(event) => setWritten(event.target.value)}
            onKeyDown={onKeyDown}
            onBlur={add}
            className="w-24 rounded-full border border-line-strong/60 bg-inset px-2.5 py-0.5"
          />
        )}
      </div>
    </section>
  )
}
