import { Combobox } from '@base-ui/react/combobox'
import { Check, ChevronsUpDown } from 'lucide-react'
import clsx from 'clsx'
import { useState } from 'react'
import { control } from '../../ui/field.tsx'
import { useModelLooks } from './model-looks.ts'
import type { AriaAttributes } from 'react'
import type { ParameterView } from '@easel/client'
import type { Value } from './form-model.ts'
import type { ModelLook } from './model-looks.ts'

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
  const [opened, setOpened] = useState(false)
  const isModel = parameter.role === 'model'
  const looks = useModelLooks(opened && isModel)
  const isMissing = now !== '' && names.length > 0 && !names.includes(now)
  return (
    <Combobox.Root
      items={names}
      value={now}
      limit={mostShown}
      autoHighlight
      onOpenChange={(open) => open && setOpened(true)}
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
                  <Named name={choice} look={looks.get(choice)} withPicture={isModel && looks.size > 0} />
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}

type NamedProps = { name: string; look: ModelLook | undefined; withPicture: boolean }

/** A model with what the library knows of it. */
function Named({ name, look, withPicture }: NamedProps) {
  const about = [look?.title === name ? undefined : look?.title, look?.family].filter(Boolean).join(' · ')
  return (
    <>
      {withPicture && (
        <span className="size-9 shrink-0 overflow-hidden rounded-control bg-hover">
          {look?.preview !== undefined && (
            <img src={look.preview} alt="" loading="lazy" className="size-full object-cover" />
          )}
        </span>
      )}
      <span className="min-w-0">
        {name}
        {about !== '' && <span className="block text-xs text-ink-2">{about}</span>}
      </span>
    </>
  )
}
