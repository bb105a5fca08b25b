import { useState } from 'react'
import { control } from '../../ui/field.tsx'
import type { LibraryFileView } from '@easel/client'

const mostInSight = 60
const longestValue = 2_000

/** What the header of a file holds, as whoever trained it left it. */
export function LibraryMetadata({ file: { metadata, notes, description } }: { file: LibraryFileView }) {
  const [sought, setSought] = useState('')
  const entries = Object.entries(metadata ?? {}).map(([key, value]): [string, string] => [key, textOf(value)])
  const word = sought.trim().toLowerCase()
  const found = entries.filter(([key, value]) => `${key} ${value}`.toLowerCase().includes(word))
  return (
    <>
      {[description, notes].map(
        (text) =>
          text && (
            <p key={text} className="max-w-[70ch] whitespace-pre-wrap text-ink-2" dir="auto">
              {text}
            </p>
          ),
      )}
      {entries.length > 0 && (
        <details className="rounded-panel border">
          <summary className="px-3 py-2 font-medium">
            Metadata <span className="font-normal text-ink-2">{entries.length}</span>
          </summary>
          {entries.length > 8 && (
            <div className="px-3 pb-2">
              <input
                type="search"
                aria-label="Search the metadata"
                placeholder="Search …"
                value={sought}
                onChange={({ target }) => setSought(target.value)}
                className={control}
              />
            </div>
          )}
          <dl className="divide-y border-t text-sm">
            {found.slice(0, mostInSight).map(([key, value]) => (
              <div key={key} className="grid gap-x-3 px-3 py-1.5 sm:grid-cols-[12rem_minmax(0,1fr)]">
                <dt className="truncate text-ink-2" title={key}>
                  {key}
                </dt>
                <dd className="max-h-40 overflow-y-auto break-words whitespace-pre-wrap" dir="auto">
                  {value}
                </dd>
              </div>
            ))}
          </dl>
          {found.length > mostInSight && (
            <p className="border-t px-3 py-2 text-sm text-ink-2">
              {found.length - mostInSight} more: search for them.
            </p>
          )}
        </details>
      )}
    </>
  )
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? '')
  return text.length > longestValue ? `${text.slice(0, longestValue)} …` : text
}
