import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { faultOf } from './profile.tsx'
import { scopeNames } from './scopes.ts'
import type { FormEvent } from 'react'
import type { CreateKey } from '@easel/client'
import type { Scope } from './scopes.ts'

const lives = [
  { days: '', name: 'Until it is revoked' },
  { days: '30', name: '30 days' },
  { days: '90', name: '90 days' },
  { days: '365', name: 'A year' },
]

/** A name is enough; what it may do and how long are for who wants less. */
export function KeyForm({ onMade }: { onMade: (key: string) => void }) {
  const { data: me } = useSuspenseQuery(meQuery)
  const [chosen, setChosen] = useState<readonly Scope[]>(me.scopes)
  const make = useMutation({
    mutationFn: (key: CreateKey) => easel.keys.create(key),
    onSuccess: ({ key }) => onMade(key),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const fields = new FormData(form)
    const days = Number(formText(fields, 'days'))
    const key: CreateKey = {
      name: formText(fields, 'name').trim(),
      ...(chosen.length < me.scopes.length && { scopes: [...chosen] }),
      ...(days > 0 && { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() }),
    }
    make.mutate(key, {
      onSuccess: () => {
        form.reset()
        setChosen(me.scopes)
      },
    })
  }
  const toggle = (scope: Scope) =>
    setChosen(chosen.includes(scope) ? chosen.filter((each) => each !== scope) : [...chosen, scope])
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 p-4">
      <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,1fr)_12rem]">
        <TextField
          label="Name of a new key"
          name="name"
          dir="auto"
          required
          maxLength={100}
          placeholder="For what it is: render script, laptop, …"
          {...faultOf(make.error)}
        />
        <SelectField label="It works" name="days" defaultValue="">
          {lives.map(({ days, name }) => (
            <option key={days} value={days}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      <details>
        <summary className="w-fit text-sm text-ink-2 hover:text-ink">
          It may do{' '}
          {chosen.length === me.scopes.length
            ? 'all that you may'
            : `${chosen.length} of ${me.scopes.length} things`}
        </summary>
        <fieldset className="mt-2 grid gap-x-6 gap-y-1 sm:grid-cols-2">
          <legend className="sr-only">What it may do</legend>
          {me.scopes.map((scope) => (
            <label key={scope} className="flex min-h-8 items-center gap-2 max-md:min-h-11">
              <input
                type="checkbox"
                className="size-4 accent-(--accent)"
                checked={chosen.includes(scope)}
                onChange={() => toggle(scope)}
              />
              <span>{scopeNames[scope]}</span>
              <code className="text-xs text-ink-3 max-sm:hidden">{scope}</code>
            </label>
          ))}
        </fieldset>
      </details>
      <Button
        type="submit"
        look="primary"
        className="self-start"
        disabled={make.isPending || chosen.length === 0}
      >
        Make key
      </Button>
    </form>
  )
}
