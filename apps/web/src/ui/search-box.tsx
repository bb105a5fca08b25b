import { Search } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useState } from 'react'
import { bareControl } from './field.tsx'
import type { ReactNode } from 'react'

const restMs = 250

/** What is written is searched when its writer rests. */
export function SearchBox({
  value,
  onChange,
  label,
  placeholder,
}: {
  value: string
  onChange: (value: string) => void
  label: string
  placeholder: string
}) {
  const [written, setWritten] = useState(value)
  useEffect(() => setWritten(value), [value])
  useEffect(() => {
    if (written === value) return
    const timer = setTimeout(() => onChange(written.trim()), restMs)
    return () => clearTimeout(timer)
    // eslint-disable-next-line react-hooks/exhaustive-deps -- it waits for the writer alone
  }, [written])
  return (
    <div className="relative min-w-[min(13rem,100%)] flex-1 basis-64">
      <Search
        size={15}
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3"
        aria-hidden
      />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={written}
        onChange={(event) => setWritten(event.target.value)}
        className={clsx(bareControl, 'h-8 pl-8 max-md:h-11')}
      />
    </div>
  )
}

/** A filter: grey while it filters nothing. */
export function Filter({
  label,
  value,
  onChoose,
  children,
}: {
  label: string
  value: string
  onChoose: (value: string | undefined) => void
  children: ReactNode
}) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.target.value === '' ? undefined : event.target.value)}
      className={clsx(
        'h-8 max-w-44 rounded-control border px-2 text-sm hover:bg-hover max-md:h-11',
        value === '' ? 'bg-panel text-ink-2' : 'border-accent bg-accent-soft font-medium',
      )}
    >
      {children}
    </select>
  )
}

/** One that is on or off. */
export function FilterButton({
  pressed,
  onPress,
  icon,
  children,
}: {
  pressed: boolean
  onPress: () => void
  icon?: ReactNode
  children: ReactNode
}) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onPress}
      className={clsx(
        'inline-flex h-8 items-center gap-1.5 rounded-control border px-2.5 text-sm whitespace-nowrap hover:bg-hover max-md:h-11',
        pressed ? 'border-accent bg-accent-soft font-medium' : 'bg-panel text-ink-2',
      )}
    >
      {icon}
      {children}
    </button>
  )
}
