import { Menu as Base } from '@base-ui/react/menu'
import clsx from 'clsx'
import type { ReactElement, ReactNode } from 'react'

const item =
  'flex min-h-8 cursor-default items-center gap-2 rounded-control px-2 py-1 text-ink outline-none select-none data-[highlighted]:bg-hover max-md:min-h-11'

/** `trigger`: the button that opens it. */
export function Menu({
  trigger,
  children,
  align = 'start',
  side = 'bottom',
}: {
  trigger: ReactElement
  children: ReactNode
  align?: 'start' | 'end'
  side?: 'bottom' | 'top' | 'right'
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={6} collisionPadding={8} className="z-40">
          <Base.Popup className="max-h-[70dvh] max-w-80 min-w-48 overflow-y-auto rounded-panel border bg-raised p-1 shadow-raised transition-opacity outline-none data-[ending-style]:opacity-0 data-[starting-style]:opacity-0">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

export function MenuItem({
  icon,
  children,
  onSelect,
  danger,
  keys,
}: {
  icon?: ReactNode
  children: ReactNode
  onSelect: () => void
  danger?: boolean
  /** What does the same without the menu. */
  keys?: string
}) {
  return (
    <Base.Item onClick={onSelect} className={clsx(item, danger && 'text-bad')}>
      {icon}
      <span className="min-w-0 flex-1">{children}</span>
      {keys !== undefined && <kbd className="text-xs text-ink-3 max-md:hidden">{keys}</kbd>}
    </Base.Item>
  )
}

export function MenuChoices<T extends string>({
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
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-xs font-medium text-ink-2">{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={onChoose}>
        {choices.map((choice) => (
          <Base.RadioItem key={choice.value} value={choice.value} closeOnClick className={item}>
            <span className="grid size-4 place-items-center" aria-hidden>
              <Base.RadioItemIndicator>
                <span className="block size-2 rounded-full bg-accent" />
              </Base.RadioItemIndicator>
            </span>
            <span className="min-w-0 flex-1">{choice.name}</span>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  )
}

export function MenuLine() {
  return <Base.Separator className="my-1 border-t" />
}
