import { headers } from '@nats-io/transport-node'
import { injectTrace } from '@easel/observability'
import type { Actor, CallContext } from '@easel/protocol'
import type { MsgHdrs } from '@nats-io/transport-node'

const actorHeader = 'easel-actor'
const budgetHeader = 'easel-budget-ms'

export function writeHeaders(actor: Actor | undefined, budgetMs: number): MsgHdrs {
  const written = headers()
  if (actor) written.set(actorHeader, JSON.stringify(actor))
  written.set(budgetHeader, String(budgetMs))
  for (const [name, value] of Object.entries(injectTrace())) written.set(name, value)
  return written
}

/** Only services may connect to the bus, so what a header says of the caller is believed. */
export function readContext(received: MsgHdrs | undefined): CallContext {
  const actor = received?.get(actorHeader)
  const deadline = performance.now() + Number(received?.get(budgetHeader) || defaultBudgetMs)
  return {
    actor: actor ? (JSON.parse(actor) as Actor) : undefined,
    get remainingMs() {
      return Math.max(0, deadline - performance.now())
    },
  }
}

export function readTrace(received: MsgHdrs | undefined): Record<string, string> {
  const carried: Record<string, string> = {}
  for (const name of ['traceparent', 'tracestate']) {
    const value = received?.get(name)
    if (value) carried[name] = value
  }
  return carried
}

export const defaultBudgetMs = 5_000
