import { Dialog } from '@base-ui/react/dialog'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { easel } from '../api/easel.ts'
import { live } from '../api/live.ts'
import { logIn } from '../api/log-in.ts'
import { meQuery } from '../api/queries.ts'
import { LogInFault } from '../features/login/log-in-fault.tsx'
import { formText } from '../lib/form-text.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { PasswordField } from '../ui/password-field.tsx'
import type { FormEvent } from 'react'

/**
 * When the log-in is over in the middle of something: in front of the view, and opaque. The view stays beneath it, with
 * all that was written there, and what it asked is asked again afterwards.
 */
export function LogInAgain() {
  return (
    <Dialog.Root open disablePointerDismissal>
      <Dialog.Portal>
        <Dialog.Popup className="fixed inset-0 z-60 grid place-items-center overflow-y-auto bg-canvas p-4 outline-none">
          <Form />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Form() {
  const client = useQueryClient()
  const { data: me } = useSuspenseQuery(meQuery)
  const enter = useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) =>
      easel.auth.logIn(email, password),
    onSuccess: (now) => {
      // Nothing of the one before is for the eyes of somebody else.
      if (now.id !== me.id) return location.assign('/')
      client.setQueryData(meQuery.queryKey, now)
      logIn.hold()
      live.retryNow()
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    enter.mutate({ email: formText(form, 'email'), password: formText(form, 'password') })
  }
  return (
    <form onSubmit={submit} className="flex w-full max-w-sm flex-col gap-4 rounded-panel border bg-panel p-6">
      <div className="flex items-center gap-3">
        <img src="/easel.svg" alt="" width={32} height={32} />
        <Dialog.Title className="text-xl font-semibold">Log in again</Dialog.Title>
      </div>
      <Dialog.Description className="text-ink-2">
        Your log-in has ended. What you were doing is kept, and goes on where it was.
      </Dialog.Description>
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        required
        defaultValue={me.email}
      />
      <PasswordField label="Password" name="password" autoComplete="current-password" required autoFocus />
      {enter.isError && <LogInFault error={enter.error} />}
      <Button type="submit" look="primary" disabled={enter.isPending}>
        {enter.isPending ? 'Logging in …' : 'Log in'}
      </Button>
    </form>
  )
}
