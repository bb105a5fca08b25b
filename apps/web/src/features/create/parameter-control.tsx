import { Combobox } from '@base-ui/react/combobox'
import { ChevronsUpDown, Dices } from 'lucide-react'
import clsx from 'clsx'
import { useId } from 'react'
import { Button } from '../../ui/button.tsx'
import { control } from '../../ui/field.tsx'
import { labelOf, randomSeed } from './form-model.ts'
import { ImageInput } from './image-input.tsx'
import type { ReactNode } from 'react'
import type { ParameterView } from '@easel/client'
import type { Value } from './form-model.ts'

type ControlProps = { parameter: ParameterView; value: Value; onChange: (value: Value) => void }

/** So many steps at most are a slider's; more are typed. */
const maxSteps = 400

/** The right control for an input of a workflow. */
export function ParameterControl(props: ControlProps) {
  const id = useId()
  const { parameter, value, onChange } = props
  const { control: kind, nodeTitle, help } = parameter
  const label = labelOf(parameter)
  if (kind === 'image' || kind === 'file') {
    return <ImageInput label={nodeTitle} value={String(value ?? '')} onChange={onChange} />
  }
  if (kind === 'boolean') {
    return (
      <label className="flex min-h-9 items-center gap-2" title={help ?? undefined}>
        <input
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
          className="size-4 accent-accent"
        />
        {label}
      </label>
    )
  }
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="flex items-baseline gap-2 text-sm font-medium" title={help ?? undefined}>
        <span>{label}</span>
        <span className="truncate text-xs font-normal text-ink-3">{nodeTitle}</span>
      </label>
      <Inner {...props} id={id} />
    </div>
  )
}

function Inner({ parameter, value, onChange, id }: ControlProps & { id: string }): ReactNode {
  const { control: kind } = parameter
  if (kind === 'multiline') {
    return (
      <textarea
        id={id}
        value={String(value ?? '')}
        onChange={(event) => onChange(event.target.value)}
        rows={parameter.role === 'negative' ? 2 : 4}
        dir="auto"
        className="field-sizing-content max-h-80 min-h-16 w-full rounded-control border border-line-strong/60 bg-inset p-2.5 max-md:text-lg"
      />
    )
  }
  if (kind === 'select') return <Choice id={id} parameter={parameter} value={value} onChange={onChange} />
  if (kind === 'seed') {
    return (
      <div className="flex gap-2">
        <Whole id={id} value={value} onChange={onChange} />
        <Button
          icon={<Dices size={17} aria-hidden />}
          aria-label={`Another ${parameter.label.replaceAll('_', ' ')}`}
          onClick={() => onChange(randomSeed())}
        />
      </div>
    )
  }
  if (kind === 'integer' || kind === 'float')
    return <Numeric id={id} parameter={parameter} value={value} onChange={onChange} />
  return (
    <input
      id={id}
      value={String(value ?? '')}
      onChange={(event) => onChange(event.target.value)}
      dir="auto"
      className={control}
    />
  )
}

/** 64 bits: more than a number field can hold. */
function Whole({ id, value, onChange }: { id: string; value: Value; onChange: (value: Value) => void }) {
  return (
    <input
      id={id}
      inputMode="numeric"
      pattern="-?[0-9]*"
      value={String(value ?? '')}
      onChange={({ target }) => {
        const digits = target.value.replaceAll(/[^\d-]/g, '').slice(0, 20)
        onChange(/^-?\d+$/.test(digits) ? asNumber(BigInt(digits)) : 0)
      }}
      className={clsx(control, 'nums font-mono')}
    />
  )
}

const asNumber = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value

function Numeric({ id, parameter, value, onChange }: ControlProps & { id: string }) {
  const bound = (limit: unknown) => (limit === null || limit === undefined ? undefined : Number(limit))
  const [min, max] = [bound(parameter.min), bound(parameter.max)]
  const step = bound(parameter.step) ?? (parameter.control === 'integer' ? 1 : 0.01)
  const set = (text: string) => {
    const number = Number(text)
    if (text !== '' && Number.isFinite(number))
      onChange(parameter.control === 'integer' ? Math.round(number) : number)
  }
  const hasSlider = min !== undefined && max !== undefined && (max - min) / step <= maxSteps
  const field = (
    <input
      id={id}
      type="number"
      key={hasSlider ? undefined : String(value)}
      {...(hasSlider
        ? { value: Number(value), onChange: ({ target }) => set(target.value) }
        : { defaultValue: Number(value), onBlur: ({ target }) => set(target.value) })}
      min={min}
      max={max}
      step="any"
      className={clsx(control, 'nums', hasSlider && 'w-24 shrink-0')}
    />
  )
  if (!hasSlider) return field
  return (
    <div className="flex items-center gap-3">
      <input
        type="range"
        aria-label={labelOf(parameter)}
        value={Number(value)}
        min={min}
        max={max}
        step={step}
        onChange={({ target }) => set(target.value)}
        className="min-w-0 flex-1 accent-accent"
      />
      {field}
    </div>
  )
}

function Choice({ id, parameter, value, onChange }: ControlProps & { id: string }) {
  const choices = Array.isArray(parameter.choices) ? parameter.choices.map(String) : []
  const now = String(value ?? '')
  const isMissing = now !== '' && !choices.includes(now)
  return (
    <Combobox.Root
      items={choices}
      value={now}
      onValueChange={(chosen) => chosen !== null && onChange(chosen)}
    >
      <div className="relative">
        <Combobox.Input id={id} className={clsx(control, 'truncate pr-8', isMissing && 'border-warn!')} />
        <Combobox.Trigger
          aria-label={`Choices of ${labelOf(parameter)}`}
          className="absolute inset-y-0 right-0 grid w-8 place-items-center text-ink-3"
        >
          <ChevronsUpDown size={14} aria-hidden />
        </Combobox.Trigger>
      </div>
      {isMissing && <p className="text-sm text-warn">No worker has this one.</p>}
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} className="z-40">
          <Combobox.Popup className="max-h-72 w-[var(--anchor-width)] overflow-y-auto rounded-panel border bg-raised p-1 shadow-raised outline-none">
            <Combobox.Empty className="px-2 py-3 text-ink-2 empty:hidden">
              Nothing has this name.
            </Combobox.Empty>
            <Combobox.List>
              {(choice: string) => (
                <Combobox.Item
                  key={choice}
                  value={choice}
                  className="rounded-control px-2 py-1.5 outline-none data-[highlighted]:bg-hover data-[selected]:font-medium data-[selected]:text-accent"
                >
                  {choice}
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}
