import { useQuery } from '@tanstack/react-query'
import { CircleAlert, Hourglass, TriangleAlert } from 'lucide-react'
import clsx from 'clsx'
import { easel } from '../../api/easel.ts'
import { Failure, Loading } from '../../ui/states.tsx'
import { errorWords, placeOf, reasonWords, waitingAdvice } from './error-words.ts'
import type { ReactNode } from 'react'
import type { JobView, NodeError } from '@easel/client'

/** Why it failed: in words, then what to do, then what ComfyUI said. */
export function Problem({ error }: { error: NonNullable<JobView['error']> }) {
  const { title, advice } = errorWords(error)
  const faults = error.nodeErrors ?? []
  return (
    <Note tone="bad" title={title}>
      {advice !== undefined && <p>{advice}</p>}
      <Faults faults={faults} />
      {!faults.some(({ message }) => message === error.message) && (
        <p className="rounded-control bg-inset px-2.5 py-1.5 text-sm whitespace-pre-wrap" dir="auto">
          {error.message}
        </p>
      )}
      <p className="text-sm text-ink-2">
        {[error.code, error.nodeClass && `${error.nodeClass} (node ${error.node})`]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {error.traceback && error.traceback.length > 0 && (
        <details>
          <summary className="text-sm text-ink-2">What ComfyUI says</summary>
          <pre
            tabIndex={0}
            className="mt-1 max-h-64 overflow-auto rounded-control bg-inset p-2 font-mono text-xs"
          >
            {error.traceback.join('')}
          </pre>
        </details>
      )}
    </Note>
  )
}

export function Warnings({ warnings }: { warnings: readonly NodeError[] }) {
  return (
    <Note tone="warn" title="Left out of the run">
      <Faults faults={warnings} />
    </Note>
  )
}

export function Why({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['jobs', 'explain', id],
    queryFn: () => easel.jobs.explain(id),
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={1} />
  return (
    <Note tone="neutral" title="Why it waits">
      {data.reasons.length === 0 ? (
        <p>It is about to start.</p>
      ) : (
        <ul className="flex flex-col gap-1.5">
          {data.reasons.map((reason) => (
            <li key={`${reason.code} ${reason.message}`} className="flex flex-col">
              <span>{reasonWords(reason)}</span>
              {waitingAdvice[reason.code] !== undefined && (
                <span className="text-sm text-ink-2">{waitingAdvice[reason.code]}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Note>
  )
}

function Faults({ faults }: { faults: readonly NodeError[] }) {
  if (faults.length === 0) return null
  return (
    <ul className="flex flex-col gap-1.5">
      {faults.map((fault) => {
        const { node, input } = placeOf(fault.path)
        const place = node === undefined ? fault.path : [`Node ${node}`, input].filter(Boolean).join(' · ')
        return (
          <li key={`${fault.path} ${fault.message}`} className="flex flex-col">
            <span className="text-sm font-medium" title={fault.path}>
              {place}
            </span>
            <span dir="auto">{fault.message}</span>
          </li>
        )
      })}
    </ul>
  )
}

const tones = {
  bad: { edge: 'border-bad/50', ink: 'text-bad', icon: CircleAlert },
  warn: { edge: 'border-warn/50', ink: 'text-warn', icon: TriangleAlert },
  neutral: { edge: '', ink: 'text-ink-2', icon: Hourglass },
} as const

function Note({ tone, title, children }: { tone: keyof typeof tones; title: string; children: ReactNode }) {
  const { edge, ink, icon: Icon } = tones[tone]
  return (
    <section className={clsx('flex flex-col gap-2 rounded-panel border p-3', edge)}>
      <h3 className="flex items-start gap-2 font-medium">
        <Icon size={16} className={clsx('mt-0.5 shrink-0', ink)} aria-hidden />
        <span>{title}</span>
      </h3>
      {children}
    </section>
  )
}
