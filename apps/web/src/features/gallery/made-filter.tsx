import { useState } from 'react'
import { Filter } from '../../ui/search-box.tsx'
import { dayOf } from './gallery-search.ts'
import type { GallerySearch, Go } from './gallery-search.ts'

const choices = [
  { back: 0, name: 'Today' },
  { back: 6, name: 'Last 7 days' },
  { back: 29, name: 'Last 30 days' },
  { back: 364, name: 'Last 365 days' },
] as const

const days = 'days'

/** When it was made: since a day, or between two of them. */
export function MadeFilter({ search, go }: { search: GallerySearch; go: Go }) {
  const { since, until } = search
  const [choosing, setChoosing] = useState(false)
  const known = choices.find(({ back }) => dayOf(back) === since)
  const isRange = choosing || until !== undefined || (since !== undefined && !known)
  const choose = (value: string | undefined) => {
    setChoosing(value === days)
    if (value !== days) go({ since: value, until: undefined })
  }
  return (
    <>
      <Filter label="Made" value={isRange ? days : (since ?? '')} onChoose={choose}>
        <option value="">Any time</option>
        {choices.map(({ back, name }) => (
          <option key={back} value={dayOf(back)}>
            {name}
          </option>
        ))}
        <option value={days}>Days …</option>
      </Filter>
      {isRange && (
        <span className="inline-flex items-center gap-1.5 text-sm text-ink-2">
          <Day label="From" value={since} max={until ?? dayOf(0)} onChange={(day) => go({ since: day })} />
          to
          <Day label="To" value={until} min={since} max={dayOf(0)} onChange={(day) => go({ until: day })} />
        </span>
      )}
    </>
  )
}

type DayProps = {
  label: string
  value: string | undefined
  min?: string | undefined
  max?: string | undefined
  onChange: (day: string | undefined) => void
}

function Day({ label, value, min, max, onChange }: DayProps) {
  return (
    <input
      type="date"
      aria-label={label}
      value={value ?? ''}
      min={min}
      max={max}
      onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
      className="h-8 rounded-control border border-line-strong/60 bg-inset px-2 text-ink max-md:h-11"
    />
  )
}
