import { useState } from 'react'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { faultOf } from './profile.tsx'
import { eventGroups, expanded, jobEnds, patternsOf } from './webhook-words.ts'
import type { FormEvent } from 'react'
import type { WebhookView } from '@easel/client'

export type WebhookWish = { url: string; description: string; events: string[] }

type FormProps = {
  /** The one that is changed; without it a new one is made. */
  webhook?: WebhookView
  action: string
  error: unknown
  isPending: boolean
  onSubmit: (wish: WebhookWish) => void
}

export function WebhookForm({ webhook, action, error, isPending, onSubmit }: FormProps) {
  const [events, setEvents] = useState<readonly string[]>(expanded(webhook?.events ?? jobEnds))
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    onSubmit({
      url: formText(fields, 'url').trim(),
      description: formText(fields, 'description').trim(),
      events: patternsOf(events),
    })
  }
  const set = (types: readonly string[], on: boolean) =>
    setEvents((before) => [...before.filter((type) => !types.includes(type)), ...(on ? types : [])])
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Address"
        name="url"
        type="url"
        required
        maxLength={2_000}
        placeholder="https://studio.example/hook"
        defaultValue={webhook?.url ?? ''}
        {...faultOf(error)}
      />
      <TextField
        label="What it is for"
        name="description"
        dir="auto"
        maxLength={200}
        defaultValue={webhook?.description ?? ''}
      />
      <div className="flex flex-col gap-3">
        <h3 className="text-sm font-medium">It hears of</h3>
        {eventGroups.map((group) => (
          <Group key={group.name} group={group} chosen={events} set={set} />
        ))}
      </div>
      <Button type="submit" look="primary" className="self-end" disabled={isPending || events.length === 0}>
        {action}
      </Button>
    </form>
  )
}

const box = 'size-4 accent-(--accent)'

function Group({
  group: { name, events },
  chosen,
  set,
}: {
  group: (typeof eventGroups)[number]
  chosen: readonly string[]
  set: (types: readonly string[], on: boolean) => void
}) {
  const types = events.map(({ type }) => type)
  const isAll = types.every((type) => chosen.includes(type))
  const isSome = types.some((type) => chosen.includes(type))
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="sr-only">{name}</legend>
      <label className="flex min-h-7 items-center gap-2 font-medium max-md:min-h-11">
        <input
          type="checkbox"
          className={box}
          checked={isAll}
          ref={(input) => {
            if (input) input.indeterminate = isSome && !isAll
          }}
          onChange={() => set(types, !isAll)}
        />
        {name}
      </label>
      <div className="flex flex-wrap gap-x-4 pl-6">
        {events.map(({ type, name: event }) => (
          <label
            key={type}
            className="flex min-h-7 items-center gap-2 text-ink-2 max-md:min-h-11"
            title={type}
          >
            <input
              type="checkbox"
              className={box}
              checked={chosen.includes(type)}
              onChange={({ target }) => set([type], target.checked)}
            />
            {event}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
