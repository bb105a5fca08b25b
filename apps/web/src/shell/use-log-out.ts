import { useNavigate } from '@tanstack/react-router'
import { easel } from '../api/easel.ts'
import { logIn } from '../api/log-in.ts'
import { queries } from '../api/queries.ts'
import { tellError } from '../ui/toasts.tsx'

export function useLogOut(): () => Promise<void> {
  const navigate = useNavigate()
  return async () => {
    // What ends now is meant to.
    logIn.forget()
    try {
      await easel.auth.logOut()
    } catch (error) {
      logIn.hold()
      return tellError(error)
    }
    await navigate({ to: '/login' })
    queries.clear()
  }
}
