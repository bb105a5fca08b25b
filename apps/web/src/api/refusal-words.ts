import { duration } from '../lib/format.ts'
import type { EaselError } from '@easel/client'

type Refusal = {
  limit: string
  scope: 'space' | 'user'
  period?: 'day' | 'month'
  allowed: number
  used?: number
  reserved?: number
  asked?: number
  alone?: boolean
  freesAt?: string
}

/** Why a job is refused for its budget, without the ids that a program wants. Undefined: it is not about a budget. */
export function refusalWords({ code, details }: EaselError): { title: string; detail: string } | undefined {
  if (code !== 'QUOTA_EXCEEDED' && code !== 'BUDGET_EXCEEDED') return undefined
  const refusal = details as Partial<Refusal>
  const { limit, scope, allowed } = refusal
  if (limit === undefined || allowed === undefined) return undefined
  const who = scope === 'user' ? 'You' : 'This space'
  const may = scope === 'user' ? 'You may' : 'This space may'
  if (limit === 'maxOpen') {
    return {
      title: 'Too many jobs are open',
      detail: `${may} have ${allowed} that have not ended. There is room again when one of them ends.`,
    }
  }
  const tell = limit.startsWith('cost') ? money : duration
  const { used = 0, reserved = 0, asked = 0, alone, period = 'day', freesAt } = refusal
  if (alone) {
    return {
      title: 'This job is larger than the budget',
      detail: `It will probably take ${tell(asked)}, and ${may.toLowerCase()} use ${tell(allowed)} a ${period}. Make it smaller, or ask an admin for more.`,
    }
  }
  const held = reserved > 0 ? `, ${tell(reserved)} are held for jobs that have not ended` : ''
  const from = freesAt === undefined ? '' : ` More is there from ${when(freesAt)}, or when an admin gives it.`
  return {
    title: period === 'month' ? 'The budget of this month is spent' : 'The budget of today is spent',
    detail: `${who} used ${tell(used)} of ${tell(allowed)}${held}, and this job needs about ${tell(asked)}.${from}`,
  }
}

const money = (micros: number): string => `$${(micros / 1_000_000).toFixed(micros < 10_000 ? 4 : 2)}`

const when = (time: string): string =>
  new Date(time).toLocaleString(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' })
