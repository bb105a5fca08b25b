import { useEffect, useRef, useState } from 'react'
import { EaselError } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { runsOf, sameValue, valueOf, valuesAfter } from './form-model.ts'
import { sortFaults } from './faults.ts'
import type { Fault } from './faults.ts'
import type { FormOptions } from './form-options.ts'
import type { Values } from './form-model.ts'

export type Running = {
  run: (missingModels?: 'fetch') => void
  /** How many are sent, while it sends. */
  sent: number | undefined
  error: unknown
  /** What the server found wrong at single inputs that are still as they were. */
  faults: ReadonlyMap<string, string>
  /** And at none of them. */
  otherFaults: readonly Fault[]
  /** Names of models without which it does not run. */
  missing: readonly string[]
}

type Refusal = { error: unknown; values: Values }

/** Sends the form to the queue, once for each run. */
export function useRun({ draft, update, analysis, session }: FormOptions, onSent: () => void): Running {
  const [sent, setSent] = useState<number>()
  const [refusal, setRefusal] = useState<Refusal>()
  const { parameters } = analysis
  const busy = useRef(false)
  const latest = useRef(draft)
  useEffect(() => {
    latest.current = draft
  })
  const send = async (missingModels: 'fetch' | undefined) => {
    if (busy.current) return
    busy.current = true
    setRefusal(undefined)
    try {
      for (const [index, { overrides, inputs }] of runsOf(parameters, draft).entries()) {
        setSent(index)
        await easel.jobs.submit(
          {
            workflow: draft.graph,
            overrides,
            inputs,
            spaceId: session.spaceId,
            sessionId: session.id,
            name: draft.name.slice(0, 200),
            priority: 'interactive',
            ...(missingModels && { missingModels }),
          },
          { idempotencyKey: crypto.randomUUID() },
        )
      }
      // It may have been written in while it was sent.
      const { values } = latest.current
      const after = valuesAfter(parameters, { ...draft, values })
      if (after !== values) update({ ...latest.current, values: after })
      onSent()
    } catch (error) {
      setRefusal({ error, values: draft.values })
    } finally {
      busy.current = false
      setSent(undefined)
      void queries.invalidateQueries({ queryKey: ['jobs'] })
    }
  }
  const error = refusal?.error
  const { at, others } = sortFaults(error instanceof EaselError ? error.errors : [], parameters)
  const asTheyWere = [...at].filter(([key]) => {
    const parameter = parameters.find((each) => each.key === key)
    return (
      parameter && refusal && sameValue(valueOf(parameter, draft.values), valueOf(parameter, refusal.values))
    )
  })
  const missing = error instanceof EaselError ? error.details['missingModels'] : undefined
  return {
    run: (missingModels) => void send(missingModels),
    sent,
    error: refusal && asTheyWere.length + others.length === 0 && at.size > 0 ? undefined : error,
    faults: new Map(asTheyWere),
    otherFaults: others,
    missing: Array.isArray(missing) ? missing.map(String) : [],
  }
}
