import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { EaselError } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { formText } from '../../lib/form-text.ts'
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
    logIn.mutate({ email: formText(form, 'email'), password: formText(form, 'password') })
  }
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <form
        onSubmit={submit}
        className="flex w-full max-w-sm flex-col gap-4 rounded-panel border bg-panel p-6"
      >
        <div className="flex items-center gap-3">
          <img src="/easel.svg" alt="" width={32} height={32} />
          <h1 className="text-xl font-semibold">Log in to Easel</h1>
        </div>
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
        {logIn.isError && (
          <p role="alert" className="text-sm text-bad">
            {reasonOf(logIn.error)}
          </p>
        )}
        <Button type="submit" look="primary" disabled={logIn.isPending}>
          {logIn.isPending ? 'Logging in …' : 'Log in'}
        </Button>
        <p className="text-sm text-ink-2">
          The first start prints the administrator’s password and keeps it in <code>credentials.json</code> of
          Easel’s folder.
        </p>
      </form>
    </main>
  )
}

function reasonOf(error: unknown): string {
  if (error instanceof EaselError && error.status === 401)
    return 'There is no user with this e-mail and password.'
  return wordsOf(error).detail
}
