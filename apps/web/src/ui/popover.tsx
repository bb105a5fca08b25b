import { Popover as Base } from '@base-ui/react/popover'
import type { ReactElement, ReactNode } from 'react'

/** What does not have to be in sight: opens below its button, and closes with Escape or a press beside it. */
export function Popover({
  trigger,
  label,
  children,
  align = 'end',
}: {
  trigger: ReactElement
  label: string
  children: ReactNode
  align?: 'start' | 'end'
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={6} collisionPadding={8} className="z-40">
          <Base.Popup
            aria-label={label}
            className="max-h-(--available-height) w-80 max-w-(--available-width) overflow-y-auto rounded-panel border bg-raised p-4 shadow-raised transition-opacity outline-none data-[ending-style]:opacity-0 data-[starting-style]:opacity-0"
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
