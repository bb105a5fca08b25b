import { useMutation, useQuery } from '@tanstack/react-query'
import clsx from 'clsx'
import { useId, useState } from 'react'
import { queries } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { formText } from '../../lib/form-text.ts'
import { ago } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { control, TextField } from '../../ui/field.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tell } from '../../ui/toasts.tsx'
import { readLimit, writeLimit } from './limit-values.ts'
import type { FormEvent } from 'react'
import type { Limits, LimitsView } from '@easel/client'
import type { LimitKind } from './limit-values.ts'

type Field = { name: keyof Limits; label: string; kind: LimitKind; hint?: string }

const fields: readonly Field[] = [
  { name: 'gpuSecondsPerDay', label: 'GPU time a day', kind: 'time' },
  { name: 'gpuSecondsPerMonth', label: 'GPU time a month', kind: 'time' },
  { name: 'costMicrosPerDay', label: 'Dollars a day', kind: 'money' },
  { name: 'costMicrosPerMonth', label: 'Dollars a month', kind: 'money' },
  { name: 'maxRunning', label: 'Jobs at workers at once', kind: 'whole' },
  { name: 'maxOpen', label: 'Jobs that have not ended', kind: 'whole' },
  { name: 'weight', label: 'Share in the fair order', kind: 'number' },
]
const lists: readonly Field[] = [
  {
    name: 'allowedModels',
    label: 'Models that may be used',
    kind: 'names',
    hint: 'One file in each line; * stands for any letters. Empty: all.',
  },
  {
    name: 'deniedNodes',
    label: 'Node classes that may not be used',
    kind: 'names',
    hint: 'One in each line; * stands for any letters.',
  },
]

type LimitsProps = {
  /** `['space', id]`, `['any-user']`. */
  of: readonly string[]
  get: () => Promise<LimitsView>
  set: (limits: Limits) => Promise<LimitsView>
  /** What holds where nothing is set: the limits for all, or none. */
  unset: string
}

export function LimitsForm({ of, get, set, unset }: LimitsProps) {
  const queryKey = ['limits', ...of]
  const { data, error, refetch } = useQuery({ queryKey, queryFn: get })
  const save = useMutation({
    mutationFn: set,
    onSuccess: (now) => {
      tell('The limits are saved', { description: 'They hold at once.' })
      queries.setQueryData(queryKey, now)
      void queries.invalidateQueries({ queryKey: ['limits'] })
      void queries.invalidateQueries({ queryKey: ['usage'] })
    },
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={3} className="p-4" />
  return (
    <Form
      key={data.updatedAt ?? 'never'}
      view={data}
      unset={unset}
      isPending={save.isPending}
      error={save.error}
      onSave={(limits) => save.mutate(limits)}
    />
  )
}

type FormProps = {
  view: LimitsView
  unset: string
  isPending: boolean
  error: unknown
  onSave: (limits: Limits) => void
}

function Form({ view, unset, isPending, error, onSave }: FormProps) {
  const [faults, setFaults] = useState<Partial<Record<keyof Limits, string>>>({})
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const { limits, faults: found } = readAll(form)
    setFaults(found)
    if (Object.keys(found).length === 0) onSave(limits)
  }
  const placeholder = ({ name, kind }: Field) => {
    const held = view.effective[name]
    const isOwn = isGiven(view.limits[name])
    if (isOwn || !isGiven(held) || (Array.isArray(held) && held.length === 0))
      return kind === 'names' ? '' : unset
    const text = writeLimit(kind, held).replaceAll('\n', ', ')
    return view.scope.startsWith('any-') ? text : `${text} (as for all)`
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-4">
      <div className="grid items-start gap-4 sm:grid-cols-2">
        {fields.map((field) => (
          <TextField
            key={field.name}
            label={field.label}
            name={field.name}
            inputMode={field.kind === 'time' ? 'text' : 'decimal'}
            defaultValue={writeLimit(field.kind, view.limits[field.name])}
            placeholder={placeholder(field)}
            error={faults[field.name]}
          />
        ))}
      </div>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        {lists.map((field) => (
          <Names key={field.name} field={field} view={view} placeholder={placeholder(field)} />
        ))}
      </div>
      {isGiven(error) && (
        <p role="alert" className="text-sm text-bad">
          {wordsOf(error).detail}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" disabled={isPending}>
          Save
        </Button>
        <span className="text-sm text-ink-2">
          {isGiven(view.updatedAt) ? `Set ${ago(view.updatedAt)}.` : 'Nothing is set yet.'} Days and months
          are of UTC.
        </span>
      </div>
    </form>
  )
}

function Names({ field, view, placeholder }: { field: Field; view: LimitsView; placeholder: string }) {
  const id = useId()
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {field.label}
      </label>
      <textarea
        id={id}
        name={field.name}
        rows={3}
        spellCheck={false}
        defaultValue={writeLimit('names', view.limits[field.name])}
        placeholder={placeholder}
        className={clsx(control, 'h-auto py-2 font-mono text-sm max-md:h-auto')}
      />
      <p className="text-sm text-ink-2">{field.hint}</p>
    </div>
  )
}

function readAll(form: FormData) {
  const limits: Record<string, Limits[keyof Limits]> = {}
  const faults: Partial<Record<keyof Limits, string>> = {}
  for (const { name, kind } of [...fields, ...lists]) {
    try {
      limits[name] = readLimit(kind, formText(form, name))
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      faults[name] = cause.message
    }
  }
  return { limits: limits as Limits, faults }
}
