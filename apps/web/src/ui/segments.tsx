import { Toggle } from '@base-ui/react/toggle'
import { ToggleGroup } from '@base-ui/react/toggle-group'
import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'

/** One of a few. */
export function Segments<T extends string>({
  label,
  value,
  choices,
  onChoose,
}: {
  label: string
  value: T
  choices: readonly { value: T; name: ReactNode }[]
  onChoose: (value: T) => void
}) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // On a phone there may be more than fit: the chosen one is in sight.
    const { current } = row
    const chosen = current?.querySelector<HTMLElement>('[data-pressed]')
    if (!current || !chosen) return
    const end = chosen.offsetLeft + chosen.offsetWidth
    if (end > current.scrollLeft + current.clientWidth || chosen.offsetLeft < current.scrollLeft)
      current.scrollLeft = end - current.clientWidth / 2 - chosen.offsetWidth / 2
  }, [value])
  return (
    <ToggleGroup
      ref={row}
      aria-label={label}
      value={[value]}
      onValueChange={([chosen]) => chosen !== undefined && onChoose(chosen as T)}
      className="relative flex max-w-full overflow-x-auto rounded-control border bg-inset p-0.5"
    >
      {choices.map((choice) => (
        <Toggle
          key={choice.value}
          value={choice.value}
          className="h-7 rounded-[4px] px-2.5 text-sm font-medium text-ink-2 transition-colors hover:text-ink data-[pressed]:bg-panel data-[pressed]:text-ink data-[pressed]:shadow-sm shrink-0 whitespace-nowrap max-md:h-11"
        >
          {choice.name}
        </Toggle>
      ))}
    </ToggleGroup>
  )
}
