import { Copy } from 'lucide-react'
import { copyText } from '../../lib/copy.ts'
import { Button } from '../../ui/button.tsx'
import type { ReactNode } from 'react'

export type Fact = readonly [name: string, value: ReactNode]

/** What is known, by name; what is not is left out. */
export function Facts({ rows }: { rows: readonly Fact[] }) {
  const shown = rows.filter(
    ([, value]) => value !== undefined && value !== null && value !== false && value !== '',
  )
  if (shown.length === 0) return null
  return (
    <dl className="grid grid-cols-[5.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5">
      {shown.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-2">{name}</dt>
          <dd className="nums">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

export function Copyable({ text, what, shown = text }: { text: string; what: string; shown?: string }) {
  return (
    <button
      type="button"
      onClick={() => void copyText(text, what)}
      className="inline-flex max-w-full items-center gap-1.5 rounded-control text-left font-mono text-xs hover:text-accent"
      title={`Copy the ${what.toLowerCase()}`}
    >
      <span className="min-w-0 break-all">{shown}</span> <Copy size={13} className="shrink-0" aria-hidden />
    </button>
  )
}

export function LongText({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <div className="flex items-center justify-between">
        <h3 className="font-medium text-ink-2">{title}</h3>
        <Button
          small
          look="quiet"
          icon={<Copy size={14} aria-hidden />}
          aria-label={`Copy the ${title.toLowerCase()}`}
          onClick={() => void copyText(text, title)}
        />
      </div>
      <p className="max-h-52 overflow-y-auto wrap-anywhere whitespace-pre-wrap" dir="auto" tabIndex={0}>
        {text}
      </p>
    </section>
  )
}
