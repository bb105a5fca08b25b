import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { copyText } from '../../lib/copy.ts'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { faultOf } from '../settings/profile.tsx'
import { newPassword } from './new-password.ts'
import { roleHint, roleNames } from './role-names.ts'
import type { FormEvent } from 'react'
import type { CreateUser } from '@easel/client'

/** The first password is made here, shown, and told to the new one by whoever made the account. */
export function NewUser({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [made, setMade] = useState<{ email: string; password: string }>()
  const make = useMutation({
    mutationFn: (user: CreateUser) => easel.users.create(user),
    onSuccess: ({ email }, { password }) => {
      setMade({ email, password })
      void queries.invalidateQueries({ queryKey: ['users'] })
    },
  })
  const close = () => {
    setMade(undefined)
    make.reset()
    onClose()
  }
  return (
    <Dialog title={made ? 'The account is there' : 'New user'} open={open} onClose={close}>
      {made ? (
        <Made {...made} onDone={close} />
      ) : (
        <Form error={make.error} isPending={make.isPending} onSubmit={(user) => make.mutate(user)} />
      )}
    </Dialog>
  )
}

type FormProps = { error: unknown; isPending: boolean; onSubmit: (user: CreateUser) => void }

function Form({ error, isPending, onSubmit }: FormProps) {
  const [password] = useState(newPassword)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const name = formText(fields, 'name').trim()
    onSubmit({
      email: formText(fields, 'email').trim(),
      role: formText(fields, 'role') as NonNullable<CreateUser['role']>,
      password: formText(fields, 'password'),
      ...(name !== '' && { name }),
    })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" autoComplete="off">
      <TextField label="E-mail" name="email" type="email" required autoFocus {...faultOf(error)} />
      <TextField
        label="Name"
        name="name"
        dir="auto"
        maxLength={100}
        hint="Left out: what stands before the @."
      />
      <SelectField label="Role" name="role" defaultValue="member" hint={roleHint}>
        {Object.entries(roleNames).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="First password"
        name="password"
        minLength={12}
        maxLength={1_000}
        required
        defaultValue={password}
        spellCheck={false}
        className="font-mono"
        hint="Tell it to them; they change it under Settings."
      />
      <Button type="submit" look="primary" className="self-end" disabled={isPending}>
        Make the account
      </Button>
    </form>
  )
}

function Made({ email, password, onDone }: { email: string; password: string; onDone: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p className="text-ink-2">
        Tell them how to get in. The password is shown once; it can be set anew at any time.
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 rounded-control bg-inset p-3">
        <dt className="text-ink-2">Address</dt>
        <dd>{location.origin}</dd>
        <dt className="text-ink-2">E-mail</dt>
        <dd>{email}</dd>
        <dt className="text-ink-2">Password</dt>
        <dd className="font-mono">{password}</dd>
      </dl>
      <div className="flex justify-end gap-2">
        <Button
          onClick={() =>
            void copyText(
              `${location.origin}\nE-mail: ${email}\nPassword: ${password}\n`,
              'What to tell them',
            )
          }
        >
          Copy it
        </Button>
        <Button look="primary" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  )
}
