import { RotateCcw } from 'lucide-react'
import clsx from 'clsx'
import { useId } from 'react'
import { stringifyJson } from '@easel/protocol'
import { control } from '../../ui/field.tsx'
import { Choice } from './choice.tsx'
import { labelOf } from './form-model.ts'
import { ImageInput } from './image-input.tsx'
import { NumberInput, SeedInput } from './number-inputs.tsx'
import type { ReactNode } from 'react'
import type { ParameterView } from '@easel/client'
import type { Value } from './form-model.ts'
import type { SeedHold } from './number-inputs.tsx'

export type ControlProps = {
  parameter: ParameterView
  value: Value
  /** Undefined: back to the workflow's own. */
  onChange: (value: Value | undefined) => void
  /** Differs from the workflow. */
  changed: boolean
  /** What the server finds wrong with it. */
  fault: string | undefined
  /** Another one has the same name: that of its node is shown, too. */
  ambiguous: boolean
  hold: SeedHold
  /** It is the one input for a file: what is pasted anywhere goes there. */
  onlyFile: boolean
}

/** The right control for an input of a workflow. */
export function ParameterControl(props: ControlProps) {
  const id = useId()
  const { parameter, fault, ambiguous } = props
  const isFile = parameter.control === 'image' || parameter.control === 'file'
  const label = isFile ? parameter.nodeTitle : labelOf(parameter)
  const help = parameter.help ?? undefined
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex min-h-5 items-center gap-1.5 text-sm">
        <label
          htmlFor={id}
          id={`${id}-label`}
          className={clsx('min-w-0 truncate font-medium', props.changed && 'text-accent')}
          title={help}
        >
          {label}
        </label>
        {ambiguous && !isFile && <span className="truncate text-xs text-ink-3">{parameter.nodeTitle}</span>}
        {props.changed && <Reset label={label} {...props} />}
      </div>
      <Inner {...props} id={id} label={label} />
      {fault !== undefined && (
        <p id={`${id}-fault`} className="text-sm text-bad">
          {fault}
        </p>
      )}
    </div>
  )
}

function Reset({ label, parameter, onChange }: ControlProps & { label: string }) {
  const own = textOfValue(parameter.value as Value)
  return (
    <button
      type="button"
      aria-label={`Reset ${label}`}
      title={`Back to ${own === '' ? 'nothing' : `“${own.slice(0, 80)}”`}`}
      onClick={() => onChange(undefined)}
      className="relative grid size-5 shrink-0 place-items-center rounded-control text-ink-2 after:absolute after:-inset-1 hover:bg-hover hover:text-ink max-md:after:-inset-3"
    >
      <RotateCcw size={13} aria-hidden />
    </button>
  )
}

const textOfValue = (value: Value): string => String(value ?? '')

function Inner(props: ControlProps & { id: string; label: string }): ReactNode {
  const { parameter, value, onChange, id, label, fault, hold, onlyFile } = props
  const wrong = fault === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': `${id}-fault` }
  if (typeof value === 'object' && value !== null) {
    return <textarea id={id} readOnly value={stringifyJson(value)} rows={2} className={area} />
  }
  switch (parameter.control) {
    case 'image':
    case 'file':
      return (
        <ImageInput
          id={id}
          label={label}
          value={String(value ?? '')}
          kind={parameter.control}
          changed={props.changed}
          onChange={onChange}
          takesPaste={onlyFile}
        />
      )
    case 'boolean':
      return (
        <span className="flex min-h-9 items-center max-md:min-h-11">
          <input
            id={id}
            type="checkbox"
            role="switch"
            checked={value === true}
            onChange={(event) => onChange(event.target.checked)}
            className="relative h-5 w-9 appearance-none rounded-full border border-line-strong bg-inset transition-colors before:absolute before:top-0.5 before:left-0.5 before:size-3.5 before:rounded-full before:bg-ink-2 before:transition-transform checked:border-accent checked:bg-accent checked:before:translate-x-4 checked:before:bg-on-accent"
            {...wrong}
          />
        </span>
      )
    case 'multiline':
      return (
        <textarea
          id={id}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.target.value)}
          rows={parameter.role === 'negative' ? 2 : 4}
          dir="auto"
          spellCheck={parameter.role === 'positive'}
          className={area}
          {...wrong}
        />
      )
    case 'select':
      return (
        <Choice id={id} label={label} parameter={parameter} value={value} onChange={onChange} wrong={wrong} />
      )
    case 'seed':
      return (
        <SeedInput
          id={id}
          label={label}
          name={parameter.key}
          value={value}
          onChange={onChange}
          hold={hold}
          wrong={wrong}
        />
      )
    case 'integer':
    case 'float':
      return (
        <NumberInput
          id={id}
          label={label}
          parameter={parameter}
          value={value}
          onChange={onChange}
          wrong={wrong}
        />
      )
    case 'text':
      return (
        <input
          id={id}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.target.value)}
          dir="auto"
          className={control}
          {...wrong}
        />
      )
  }
}

const area =
  'field-sizing-content max-h-96 min-h-16 w-full resize-y rounded-control border border-line-strong/60 bg-inset p-2.5 aria-invalid:border-bad max-md:text-lg'
