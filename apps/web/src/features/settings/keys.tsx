import { useMutation, useQuery } from '@tanstack/react-query'
import { Copy, KeyRound } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { ago, exactTime } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Panel, Status } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { isGiven } from '../../lib/given.ts'
import { formText } from '../../lib/form-text.ts'
import type { FormEvent } from 'react'
import type { KeyView } from '@easel/client'

export function Keys() {
  const { data, error, refetch } = useQuery({
    queryKey: ['keys'],
    queryFn: () => easel.keys.list({ limit: 200 }),
  })
  const [shown, setShown] = useState<string>()
  const make = useMutation({
    mutationFn: (name: string) => easel.keys.create({ name }),
    onSuccess: ({ key }) => {
      setShown(key)
      void queries.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    make.mutate(formText(new FormData(form), 'name'), { onSuccess: () => form.reset() })
  }
  const items = data?.items.filter(({ revokedAt }) => !isGiven(revokedAt)) ?? []
  return (
    <Panel title="API keys">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2 border-b p-4">
        <div className="min-w-52 flex-1">
          <TextField
            label="Name of a new key"
            name="name"
            required
            maxLength={100}
            placeholder="For what it is: render script, laptop, …"
            {...(make.error ? { error: wordsOf(make.error).detail } : {})}
          />
        </div>
        <Button type="submit" look="primary" disabled={make.isPending}>
          Make key
        </Button>
      </form>
      {shown !== undefined && <NewKey value={shown} done={() => setShown(undefined)} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={2} className="p-4" />}
      {data && items.length === 0 && (
        <Empty title="No key yet" icon={<KeyRound size={28} strokeWidth={1.5} />}>
          Programs and the command line use a key instead of your password.
        </Empty>
      )}
      <ul className="divide-y">
        {items.map((item) => (
          <Key key={item.id} item={item} />
        ))}
      </ul>
    </Panel>
  )
}

function NewKey({ value, done }: { value: string; done: () => void }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value)
      tell('The key is copied')
    } catch (error) {
      tellError(error)
    }
  }
  return (
    <div role="status" className="flex flex-col gap-2 border-b bg-accent-soft p-4">
      <p className="font-medium">This key is shown once. Keep it where nobody else reads.</p>
      <div className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 rounded-control bg-panel px-2.5 py-2 font-mono text-sm">{value}</code>
        <Button small icon={<Copy size={14} aria-hidden />} onClick={() => void copy()}>
          Copy
        </Button>
        <Button small look="quiet" onClick={done}>
          Done
        </Button>
      </div>
    </div>
  )
}

function Key({ item }: { item: KeyView }) {
  const [sure, setSure] = useState(false)
  const revoke = useMutation({
    mutationFn: () => easel.keys.revoke(item.id),
    onSuccess: () => {
      tell(`“${item.name}” no longer opens anything`)
      void queries.invalidateQueries({ queryKey: ['keys'] })
    },
    onError: tellError,
  })
  const over = isGiven(item.expiresAt) && Date.parse(item.expiresAt) < Date.now()
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium" title={item.name}>
          {item.name} <code className="ml-1 text-sm font-normal text-ink-2">…{item.hint}</code>
        </p>
        <p className="text-sm text-ink-2">
          {item.scopes.join(', ')} ·{' '}
          {!isGiven(item.lastUsedAt) ? (
            'never used'
          ) : (
            <time dateTime={item.lastUsedAt} title={exactTime(item.lastUsedAt)}>
              used {ago(item.lastUsedAt)}
            </time>
          )}
        </p>
      </div>
      {over && <Status tone="warn">Expired</Status>}
      <Button
        small
        look={sure ? 'danger' : 'quiet'}
        disabled={revoke.isPending}
        onClick={() => (sure ? revoke.mutate() : setSure(true))}
        onBlur={() => setSure(false)}
      >
        {sure ? 'Really revoke' : 'Revoke'}
      </Button>
    </li>
  )
}
