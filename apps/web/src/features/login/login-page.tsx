import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { LogInFault } from './log-in-fault.tsx'
import type { FormEvent } from 'react'

export function LoginPage() {
  const { to } = useSearch({ from: '/login' })
  const client = useQueryClient()
  const navigate = useNavigate()
  const router = useRouter()
  const logIn = useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) =>
      easel.auth.logIn(email, password),
    onSuccess: async () => {
      client.clear()
      await client.fetchQuery(meQuery)
      if (to === undefined) await navigate({ to: '/' })
      else router.history.push(to)
    },
  })
  useEffect(() => {
    document.title = 'Log in · Easel'
  }, [])
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    logIn.mutate({ email: formText(form, 'email').trim(), password: formText(form, 'password') })
  }
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="flex w-full max-w-sm flex-col gap-6">
        <header className="flex flex-col items-center gap-3 text-center">
          <img src="/easel.svg" alt="" width={44} height={44} />
          <h1 className="text-xl font-semibold">Log in to Easel</h1>
        </header>
        <form onSubmit={submit} className="flex flex-col gap-4 rounded-panel border bg-panel p-6">
          <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
          <PasswordField label="Password" name="password" autoComplete="current-password" required />
          {logIn.isError && <LogInFault error={logIn.error} />}
          <Button type="submit" look="primary" disabled={logIn.isPending}>
            {logIn.isPending ? 'Logging in …' : 'Log in'}
          </Button>
        </form>
        <details className="px-1 text-sm text-ink-2">
          <summary className="w-fit hover:text-ink">No password yet?</summary>
          <p className="mt-2">
            An administrator makes your account and tells you its first password. The very first one, of{' '}
            <code>admin@easel.local</code>, is printed where Easel was started and kept in{' '}
            <code>credentials.json</code> of its folder.
          </p>
        </details>
      </div>
    </main>
  )
}
