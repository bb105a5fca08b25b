import { SlidersHorizontal } from 'lucide-react'
import clsx from 'clsx'
import { Popover } from '../../ui/popover.tsx'
import type { ReactNode } from 'react'

/** Opens the filters that are used less often; `number` of them filter now. */
export function FiltersButton({ number, children }: { number: number; children: ReactNode }) {
  return (
    <Popover
      label="More filters"
      trigger={
        <button
          type="button"
          className={clsx(
            'inline-flex h-8 items-center gap-1.5 rounded-control border px-2.5 text-sm whitespace-nowrap hover:bg-hover max-md:h-11',
            number > 0 ? 'border-accent bg-accent-soft font-medium' : 'bg-panel text-ink-2',
          )}
        >
          <SlidersHorizontal size={14} aria-hidden />
          {number > 0 ? `Filters (${number})` : 'Filters'}
        </button>
      }
    >
      <div className="flex flex-col gap-3">{children}</div>
    </Popover>
  )
}
