import { X } from 'lucide-react'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { control } from '../../ui/field.tsx'
import type { BandwidthHours } from '@easel/client'

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
const mega = 1_000_000

/** Over midnight when the end is before the start. */
export function BandwidthHoursRow({
  hours,
  onChange,
  onRemove,
}: {
  hours: BandwidthHours
  onChange: (hours: BandwidthHours) => void
  onRemove: () => void
}) {
  const cap = hours.maxBytesPerSecond
  const toggle = (day: number) => {
    const chosen = hours.days.includes(day)
      ? hours.days.filter((each) => each !== day)
      : [...hours.days, day].toSorted((one, other) => one - other)
    if (chosen.length > 0) onChange({ ...hours, days: chosen })
  }
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="flex" role="group" aria-label="Days">
        {days.map((name, index) => (
          <button
            key={name}
            type="button"
            aria-pressed={hours.days.includes(index + 1)}
            onClick={() => toggle(index + 1)}
            className="-ml-px h-9 border bg-panel px-2 text-sm text-ink-2 first:ml-0 first:rounded-l-control last:rounded-r-control hover:bg-hover aria-pressed:z-10 aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-ink max-md:h-11"
          >
            {name}
          </button>
        ))}
      </span>
      <input
        type="time"
        aria-label="From"
        required
        value={hours.from}
        onChange={({ target }) => target.value !== '' && onChange({ ...hours, from: target.value })}
        className={`${control} w-auto!`}
      />
      <span className="text-ink-2">to</span>
      <input
        type="time"
        aria-label="To"
        required
        value={hours.to}
        onChange={({ target }) => target.value !== '' && onChange({ ...hours, to: target.value })}
        className={`${control} w-auto!`}
      />
      <input
        type="number"
        aria-label="Speed in these hours, MB/s"
        placeholder="No limit"
        min={0.01}
        step="any"
        value={isGiven(cap) ? cap / mega : ''}
        onChange={({ target }) =>
          onChange({
            ...hours,
            maxBytesPerSecond:
              target.value === '' ? null : Math.max(1_024, Math.round(Number(target.value) * mega)),
          })
        }
        className={`${control} w-28!`}
      />
      <span className="text-sm text-ink-2">MB/s</span>
      <Button
        small
        look="quiet"
        icon={<X size={15} aria-hidden />}
        aria-label="Remove these hours"
        onClick={onRemove}
      />
    </div>
  )
}
