import { EaselError } from '@easel/client'
import { useEffect, useState } from 'react'
import { wordsOf } from '../../api/words.ts'
import { duration } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'

/** Why somebody could not be logged in, in words; counts down where it takes time. */
export function LogInFault({ error }: { error: unknown }) {
  const [until, setUntil] = useState<number>()
  const wait = error instanceof EaselError && error.status === 429 ? error.retryAfterMs : undefined
  useEffect(() => setUntil(wait === undefined ? undefined : Date.now() + wait), [error, wait])
  return (
    <p role="alert" className="text-sm text-bad">
      {until === undefined ? reasonOf(error) : <TooMany until={until} />}
    </p>
  )
}

function TooMany({ until }: { until: number }) {
  const now = useNow(1_000)
  const left = Math.ceil((until - now) / 1_000)
  return left > 0
    ? `Too many wrong passwords. Try again in ${duration(left)}.`
    : 'Too many wrong passwords. You can try again now.'
}

function reasonOf(error: unknown): string {
  if (!(error instanceof EaselError)) return wordsOf(error).detail
  if (error.status === 401) {
    return 'There is no user with this e-mail and password. Or the account was disabled: an administrator knows.'
  }
  if (error.status === 0) return 'The server cannot be reached. Is it running, and are you connected?'
  if (error.code === 'REDIS_UNAVAILABLE') {
    return 'Log-ins cannot be checked at the moment. Try again in a few seconds.'
  }
  return wordsOf(error).detail
}
