import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Monitor, Smartphone } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { live } from '../../api/live.ts'
import { logIn } from '../../api/log-in.ts'
import { meQuery, queries } from '../../api/queries.ts'
import { formText } from '../../lib/form-text.ts'
import { ago, exactTime } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Panel, Status } from '../../ui/page.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { browserOf, isPhone } from './browser-of.ts'
import { faultOf } from './profile.tsx'
import type { FormEvent } from 'react'
import type { LogInView } from '@easel/client'

export function Security() {
  return (
    <>
      <Password />
      <LogIns />
    </>
  )
}

function Password() {
  const { data: me } = useSuspenseQuery(meQuery)
  const save = useMutation({
    mutationFn: async ({ password, oldPassword }: { password: string; oldPassword: string }) => {
      // It ends all log-ins, this one too: here it is made anew, elsewhere it is asked for.
      logIn.forget()
      try {
        await easel.auth.update({ password, oldPassword })
        return await easel.auth.logIn(me.email, password)
      } finally {
        logIn.hold()
      }
    },
    onSuccess: () => {
      live.retryNow()
      tell('The password is changed', { description: 'Every other log-in of yours has ended.' })
      void queries.invalidateQueries({ queryKey: ['log-ins'] })
    },
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
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-4 p-4">
        <input type="text" name="username" autoComplete="username" value={me.email} readOnly hidden />
        <PasswordField label="Present password" name="old" autoComplete="current-password" required />
        <PasswordField
          label="New password"
          name="new"
          autoComplete="new-password"
          minLength={12}
          required
          hint="12 characters at least. Every other log-in of yours ends."
          {...faultOf(save.error)}
        />
        <Button type="submit" className="self-start" disabled={save.isPending}>
          Change it
        </Button>
      </form>
    </Panel>
  )
}

function LogIns() {
  const { data, error, refetch } = useQuery({
    queryKey: ['log-ins'],
    queryFn: () => easel.auth.logIns(),
    staleTime: 0,
  })
  const end = useMutation({
    mutationFn: () => {
      logIn.forget()
      return easel.auth.logOutEverywhere()
    },
    onSuccess: () => location.assign('/login'),
    onError: (cause) => {
      logIn.hold()
      tellError(cause)
    },
  })
  return (
    <Panel
      title="Where you are logged in"
      actions={
        <Confirm
          trigger={
            <Button small look="danger" disabled={end.isPending}>
              Log out everywhere
            </Button>
          }
          title="Log out everywhere?"
          action="Log out everywhere"
          onConfirm={() => end.mutate()}
        >
          Every browser, this one too, has to log in again. API keys go on.
        </Confirm>
      }
    >
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={2} className="p-4" />}
      <ul className="divide-y" aria-label="Log-ins">
        {data?.items.map((item) => (
          <LogInRow key={item.id} item={item} />
        ))}
      </ul>
    </Panel>
  )
}

function LogInRow({ item }: { item: LogInView }) {
  const end = useMutation({
    mutationFn: () => easel.auth.endLogIn(item.id),
    onSuccess: () => {
      tell('That browser is logged out')
      void queries.invalidateQueries({ queryKey: ['log-ins'] })
    },
    onError: tellError,
  })
  const browser = browserOf(item.userAgent)
  const Icon = isPhone(item.userAgent) ? Smartphone : Monitor
  return (
    <li className="flex items-center gap-3 px-4 py-2.5">
      <Icon size={18} className="shrink-0 text-ink-3" aria-hidden />
      <div className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-3">
          <span className="font-medium">{browser}</span>
          {item.current && <Status tone="good">This browser</Status>}
        </span>
        <p className="text-sm text-ink-2">
          {item.address}, since{' '}
          <time dateTime={item.createdAt} title={exactTime(item.createdAt)}>
            {ago(item.createdAt)}
          </time>
        </p>
      </div>
      {!item.current && (
        <Button
          small
          look="quiet"
          disabled={end.isPending}
          onClick={() => end.mutate()}
          aria-label={`Log out ${browser}, ${item.address}`}
        >
          Log out
        </Button>
      )}
    </li>
  )
}
