import clsx from 'clsx'
import { useEffect } from 'react'
import type { ReactNode } from 'react'

/** A view: its one title, its actions, its content. */
export function Page({
  title,
  actions,
  children,
  wide,
  fill,
}: {
  title: string
  actions?: ReactNode
  children: ReactNode
  wide?: boolean
  /** As high as the window and as wide: what is in it scrolls by itself. */
  fill?: boolean
}) {
  useEffect(() => {
    document.title = `${title} · Easel`
  }, [title])
  return (
    <div
      className={clsx(
        'mx-auto flex w-full flex-col gap-4 p-4 md:p-6',
        !wide && !fill && 'max-w-5xl',
        fill && 'min-h-full lg:h-full lg:min-h-0 lg:pb-0',
      )}
    >
      <header className="flex min-h-9 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-xl font-semibold">{title}</h1>
        {actions !== undefined && (
          <div className="flex max-w-full min-w-0 flex-wrap items-center gap-2">{actions}</div>
        )}
      </header>
      {children}
    </div>
  )
}

export function Panel({
  title,
  actions,
  children,
  className,
}: {
  title?: string
  actions?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section className={clsx('rounded-panel border bg-panel', className)} aria-label={title}>
      {title !== undefined && (
        <div className="flex min-h-12 flex-wrap items-center justify-between gap-2 border-b px-4 py-1.5">
          <h2 className="text-lg font-medium">{title}</h2>
          {actions}
        </div>
      )}
      {children}
    </section>
  )
}

type Tone = 'neutral' | 'good' | 'busy' | 'warn' | 'bad' | 'accent'

const tones: Record<Tone, string> = {
  neutral: 'text-ink-2',
  good: 'text-good',
  busy: 'text-busy',
  warn: 'text-warn',
  bad: 'text-bad',
  accent: 'text-accent',
}

/** A dot and a word. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span
      className={clsx('inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap', tones[tone])}
    >
      <span className="size-1.5 rounded-full bg-current" aria-hidden />
      {children}
    </span>
  )
}

/** `value` from 0 to 1; left out: it goes on, nobody knows how far. */
export function Meter({
  value,
  label,
  tone = 'accent',
}: {
  value: number | undefined
  label: string
  tone?: 'accent' | 'warn' | 'bad'
}) {
  const percent = value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100)
  const colour = { accent: 'bg-accent', warn: 'bg-warn', bad: 'bg-bad' }[tone]
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="h-1.5 overflow-hidden rounded-full bg-hover"
    >
      <div
        className={clsx(
          'h-full rounded-full transition-[width]',
          colour,
          percent === undefined && 'w-1/3 animate-pulse',
        )}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  )
}
