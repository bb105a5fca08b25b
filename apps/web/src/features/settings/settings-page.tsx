import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { meQuery, queries } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { ago, exactTime } from '../../lib/format.ts'
import { setTheme, useTheme } from '../../lib/theme.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Page, Panel, Status } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { Keys } from './keys.tsx'
import { formText } from '../../lib/form-text.ts'
import type { FormEvent } from 'react'
import type { Theme } from '../../lib/theme.ts'

export function SettingsPage() {
  return (
    <Page title="Settings">
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Profile />
        <Password />
        <Look />
        <LogIns />
      </div>
      <Keys />
    </Page>
  )
}

function Profile() {
  const { data: me } = useSuspenseQuery(meQuery)
  const save = useMutation({
    mutationFn: (name: string) => easel.auth.update({ name }),
    onSuccess: (changed) => {
      queries.setQueryData(meQuery.queryKey, changed)
      tell('Your name is saved')
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    save.mutate(formText(new FormData(event.currentTarget), 'name'))
  }
  return (
    <Panel title="Profile">
      <form onSubmit={submit} className="flex flex-col gap-4 p-4">
        <TextField
          label="Name"
          name="name"
          defaultValue={me.name}
          required
          maxLength={100}
          {...faultOf(save.error)}
        />
        <TextField
          label="E-mail"
          value={me.email}
          readOnly
          disabled
          hint={`You are ${me.role === 'admin' ? 'an administrator' : `a ${me.role}`}.`}
        />
        <Button type="submit" className="self-start" disabled={save.isPending}>
          Save
        </Button>
      </form>
    </Panel>
  )
}

const faultOf = (error: unknown) =>
  error === null || error === undefined ? {} : { error: wordsOf(error).detail }

function Password() {
  const save = useMutation({
    mutationFn: (change: { password: string; oldPassword: string }) => easel.auth.update(change),
    onSuccess: () => tell('The password is changed'),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const fields = new FormData(form)
    save.mutate(
      { oldPassword: formText(fields, 'old'), password: formText(fields, 'new') },
      { onSuccess: () => form.reset() },
    )
  }
  return (
    <Panel title="Password">
      <form onSubmit={submit} className="flex flex-col gap-4 p-4">
        <TextField
          label="Present password"
          name="old"
          type="password"
          autoComplete="current-password"
          required
        />
        <TextField
          label="New password"
          name="new"
          type="password"
          autoComplete="new-password"
          minLength={12}
          required
          hint="12 characters at least."
          {...faultOf(save.error)}
        />
        <Button type="submit" className="self-start" disabled={save.isPending}>
          Change it
        </Button>
      </form>
    </Panel>
  )
}

function Look() {
  const theme = useTheme()
  return (
    <Panel title="Look">
      <div className="p-4">
        <SelectField
          label="Colours"
          value={theme}
          onChange={(event) => setTheme(event.target.value as Theme)}
          hint="Of this browser."
        >
          <option value="system">As the system</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </SelectField>
      </div>
    </Panel>
  )
}

function LogIns() {
  const { data, error, refetch } = useQuery({ queryKey: ['log-ins'], queryFn: () => easel.auth.logIns() })
  const [sure, setSure] = useState(false)
  const end = useMutation({
    mutationFn: () => easel.auth.logOutEverywhere(),
    onSuccess: () => location.assign('/login'),
    onError: tellError,
  })
  return (
    <Panel
      title="Where you are logged in"
      actions={
        <Button
          small
          look="danger"
          disabled={end.isPending}
          onClick={() => (sure ? end.mutate() : setSure(true))}
          onBlur={() => setSure(false)}
        >
          {sure ? 'Really, everywhere' : 'Log out everywhere'}
        </Button>
      }
    >
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={2} className="p-4" />}
      <ul className="divide-y">
        {data?.items.map((item) => (
          <li key={item.id} className="px-4 py-2.5">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <span className="font-medium">{browserOf(item.userAgent)}</span>
              {item.current ? <Status tone="good">This browser</Status> : null}
            </div>
            <p className="text-sm text-ink-2">
              {item.address},{' '}
              <time dateTime={item.createdAt} title={exactTime(item.createdAt)}>
                {ago(item.createdAt)}
              </time>
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** `Firefox on Linux`, as far as the header tells. */
function browserOf(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari|curl|node)/.exec(agent)?.[1]
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1]
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' }
  const words = [browser, system].flatMap((word) => (word === undefined ? [] : [names[word] ?? word]))
  return words.length === 0 ? agent.slice(0, 60) || 'Unknown' : words.join(' on ')
}
