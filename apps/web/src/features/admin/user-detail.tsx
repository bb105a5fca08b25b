import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { meQuery, queries } from '../../api/queries.ts'
import { formText } from '../../lib/form-text.ts'
import { exactTime } from '../../lib/format.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Confirm, Dialog } from '../../ui/dialog.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Panel, Status } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { faultOf } from '../settings/profile.tsx'
import { LimitsForm } from './limits-form.tsx'
import { newPassword } from './new-password.ts'
import { roleHint, roleNames } from './role-names.ts'
import type { FormEvent } from 'react'
import type { UpdateUser, UserView } from '@easel/client'

export function UserDetail({ id, onGone }: { id: string; onGone: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['users', 'one', id],
    queryFn: () => easel.users.get(id),
    staleTime: 0,
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={4} className="p-6" />
  return (
    <div className="flex flex-col gap-4 p-4 md:p-6">
      <header className="flex flex-col gap-1 pr-10">
        <h2 className="text-lg font-semibold" dir="auto">
          {data.name}
        </h2>
        <p className="text-ink-2">{data.email}</p>
        <p className="text-sm text-ink-3">
          Since {exactTime(data.createdAt)} {data.disabled && <Status tone="warn">Disabled</Status>}
        </p>
      </header>
      <Account user={data} />
      <Access user={data} onGone={onGone} />
      <Panel title="Limits of this user">
        <LimitsForm
          of={['user', id]}
          get={() => easel.users.budget(id)}
          set={(limits) => easel.users.setBudget(id, limits)}
          unset="no limit of its own"
        />
      </Panel>
      <ButtonLink to="/settings" search={{ part: 'audit', user: id }} small className="self-start">
        What they did
      </ButtonLink>
    </div>
  )
}

const useChange = (user: UserView, said: string) =>
  useMutation({
    mutationFn: (change: UpdateUser) => easel.users.update(user.id, change),
    onSuccess: () => {
      tell(said)
      void queries.invalidateQueries({ queryKey: ['users'] })
    },
  })

function Account({ user }: { user: UserView }) {
  const save = useChange(user, 'The account is saved')
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    save.mutate({
      name: formText(fields, 'name').trim(),
      role: formText(fields, 'role') as UserView['role'],
    })
  }
  return (
    <Panel title="Account">
      <form onSubmit={submit} className="flex flex-col gap-4 p-4">
        <TextField label="Name" name="name" dir="auto" defaultValue={user.name} required maxLength={100} />
        <SelectField
          label="Role"
          name="role"
          defaultValue={user.role}
          hint={roleHint}
          {...faultOf(save.error)}
        >
          {Object.entries(roleNames).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
        <Button type="submit" className="self-start" disabled={save.isPending}>
          Save
        </Button>
      </form>
    </Panel>
  )
}

function Access({ user, onGone }: { user: UserView; onGone: () => void }) {
  const { data: me } = useSuspenseQuery(meQuery)
  const isMe = user.id === me.id
  const change = useChange(user, user.disabled ? `${user.name} may log in again` : `${user.name} is out`)
  const remove = useMutation({
    mutationFn: () => easel.users.delete(user.id),
    onSuccess: () => {
      tell(`The account of ${user.name} is deleted`)
      onGone()
      void queries.invalidateQueries({ queryKey: ['users', 'list'] })
    },
    onError: tellError,
  })
  if (isMe) return null
  const set = (disabled: boolean) => change.mutate({ disabled }, { onError: tellError })
  return (
    <Panel title="Access">
      <div className="flex flex-wrap gap-2 p-4">
        <ResetPassword user={user} />
        {user.disabled ? (
          <Button small disabled={change.isPending} onClick={() => set(false)}>
            Let them in again
          </Button>
        ) : (
          <Confirm
            trigger={
              <Button small disabled={change.isPending}>
                Disable
              </Button>
            }
            title={`Disable ${user.name}?`}
            action="Disable"
            onConfirm={() => set(true)}
          >
            Their log-ins and keys stop at once. Nothing of theirs is lost, and it can be taken back.
          </Confirm>
        )}
        <Confirm
          trigger={
            <Button small look="danger" disabled={remove.isPending}>
              Delete
            </Button>
          }
          title={`Delete ${user.name} (${user.email})?`}
          action="Delete the account"
          onConfirm={() => remove.mutate()}
        >
          The account is gone for good. What they made stays in its spaces.
        </Confirm>
      </div>
    </Panel>
  )
}

function ResetPassword({ user }: { user: UserView }) {
  const [password, setPassword] = useState<string>()
  const change = useChange(user, 'The password is set')
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const wish = formText(new FormData(event.currentTarget), 'password')
    change.mutate({ password: wish }, { onSuccess: () => setPassword(undefined) })
  }
  return (
    <>
      <Button small onClick={() => setPassword(newPassword())}>
        Set a password
      </Button>
      <Dialog
        title={`A password for ${user.name}`}
        open={password !== undefined}
        onClose={() => setPassword(undefined)}
      >
        <form onSubmit={submit} className="flex flex-col gap-4">
          <TextField
            label="New password"
            name="password"
            defaultValue={password}
            minLength={12}
            maxLength={1_000}
            required
            spellCheck={false}
            className="font-mono"
            hint="Tell it to them. All their log-ins end; their keys go on."
            {...faultOf(change.error)}
          />
          <Button type="submit" look="primary" className="self-end" disabled={change.isPending}>
            Set it
          </Button>
        </form>
      </Dialog>
    </>
  )
}
