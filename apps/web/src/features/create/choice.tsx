import { Combobox } from '@base-ui/react/combobox'
import { Check, ChevronsUpDown } from 'lucide-react'
import clsx from 'clsx'
import { control } from '../../ui/field.tsx'
import type { AriaAttributes } from 'react'
import type { ParameterView } from '@easel/client'
import type { Value } from './form-model.ts'

type ChoiceProps = {
  id: string
  label: string
  parameter: ParameterView
  value: Value
  onChange: (value: Value) => void
  wrong: AriaAttributes
}

/** Of thousands nobody reads more: typing narrows them. */
const mostShown = 200

/** One of those that a worker has now; typing searches them. */
export function Choice({ id, label, parameter, value, onChange, wrong }: ChoiceProps) {
  const choices = (Array.isArray(parameter.choices) ? parameter.choices : []) as Value[]
  const names = choices.map(String)
  const now = String(value ?? '')
  const isMissing = now !== '' && names.length > 0 && !names.includes(now)
  return (
    <Combobox.Root
      items={names}
      value={now}
      limit={mostShown}
      autoHighlight
      onValueChange={(chosen) => chosen !== null && onChange(choices[names.indexOf(chosen)] ?? chosen)}
    >
      <div className="relative">
        <Combobox.Input
          id={id}
          title={now}
          onFocus={({ currentTarget }) => currentTarget.select()}
          className={clsx(control, 'truncate pr-8', isMissing && 'border-warn!')}
          {...wrong}
        />
        <Combobox.Trigger
          aria-label={`Choices of ${label}`}
          tabIndex={-1}
          className="absolute inset-y-0 right-0 grid w-8 place-items-center text-ink-3"
        >
          <ChevronsUpDown size={14} aria-hidden />
        </Combobox.Trigger>
      </div>
      {isMissing && wrong['aria-invalid'] === undefined && (
        <p className="text-sm text-warn">No worker has this one.</p>
      )}
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} collisionPadding={8} className="z-40">
          <Combobox.Popup className="max-h-[min(20rem,var(--available-height))] min-w-(--anchor-width) max-w-(--available-width) overflow-y-auto overscroll-contain rounded-panel border bg-raised p-1 shadow-raised outline-none">
            <Combobox.Empty className="px-2 py-3 text-ink-2 empty:hidden">
              {names.length === 0 ? 'No worker tells what there is to choose.' : 'Nothing has this name.'}
            </Combobox.Empty>
            <Combobox.List>
              {(choice: string) => (
                <Combobox.Item
                  key={choice}
                  value={choice}
                  className="flex items-center gap-2 rounded-control px-2 py-1.5 outline-none data-[highlighted]:bg-hover data-[selected]:font-medium max-md:min-h-11"
                >
                  <span className="size-4 shrink-0" aria-hidden>
                    <Combobox.ItemIndicator>
                      <Check size={16} className="text-accent" />
                    </Combobox.ItemIndicator>
                  </span>
                  <span className="min-w-0">{choice}</span>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}
