import { useQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { duration, exactTime } from '../../lib/format.ts'
import { Failure, Loading } from '../../ui/states.tsx'
import { isGiven } from '../../lib/given.ts'
import type { ReactNode } from 'react'
import type { JobView, NodeError } from '@easel/client'

const timingNames: readonly [key: keyof JobView['timings'], name: string][] = [
  ['queuedMs', 'Waited'],
  ['bindMs', 'Handed over'],
  ['inputsMs', 'Inputs'],
  ['modelLoadMs', 'Loading models'],
  ['executeMs', 'Ran'],
  ['saveMs', 'Saved'],
]

export function JobDetail({ job }: { job: JobView }) {
  const { error, warnings } = job
  return (
    <div className="flex flex-col gap-4 border-t bg-canvas px-4 py-4 text-sm md:pl-11">
      {job.status === 'queued' && <Why id={job.id} />}
      {error && (
        <Group title={`${error.code}${error.nodeClass ? ` in ${error.nodeClass} (${error.node})` : ''}`}>
          <p className="text-bad">{error.message}</p>
          <Faults faults={error.nodeErrors ?? []} />
          {error.traceback && error.traceback.length > 0 && (
            <details>
              <summary className="text-ink-2">What ComfyUI says</summary>
              <pre className="mt-1 max-h-64 overflow-auto rounded-control bg-inset p-2 font-mono text-xs">
                {error.traceback.join('')}
              </pre>
            </details>
          )}
        </Group>
      )}
      {warnings.length > 0 && (
        <Group title="Left out of the run">
          <Faults faults={warnings} />
        </Group>
      )}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1">
        {timingNames.map(([key, name]) => {
          const ms = job.timings[key]
          return typeof ms === 'number' ? (
            <Fact key={key} name={name}>
              {duration(ms / 1_000)}
            </Fact>
          ) : null
        })}
        {job.models && job.models.length > 0 && <Fact name="Models">{job.models.join(', ')}</Fact>}
        {job.attempts.map((attempt) => (
          <Fact key={attempt.number} name={`Attempt ${attempt.number}`}>
            {attempt.worker}, {attempt.state}
            {attempt.warm === true && ', warm'}
            {isGiven(attempt.gpuSeconds) && `, ${duration(attempt.gpuSeconds)} of GPU`}
          </Fact>
        ))}
        <Fact name="Submitted">{exactTime(job.createdAt)}</Fact>
        <Fact name="Id">
          <code className="font-mono text-xs">{job.id}</code>
        </Fact>
      </dl>
    </div>
  )
}

function Why({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['jobs', 'explain', id],
    queryFn: () => easel.jobs.explain(id),
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={1} />
  return (
    <Group title="Why it waits">
      {data.reasons.length === 0 ? (
        <p>It is about to start.</p>
      ) : (
        <ul className="list-disc pl-5">
          {data.reasons.map((reason) => (
            <li key={`${reason.code} ${reason.message}`}>{reason.message}</li>
          ))}
        </ul>
      )}
    </Group>
  )
}

function Faults({ faults }: { faults: readonly NodeError[] }) {
  if (faults.length === 0) return null
  return (
    <ul className="list-disc pl-5">
      {faults.map((fault) => (
        <li key={`${fault.path} ${fault.message}`}>
          <code className="text-ink-2">{fault.path}</code> {fault.message}
        </li>
      ))}
    </ul>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1">
      <h3 className="font-medium">{title}</h3>
      {children}
    </section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd className="nums min-w-0">{children}</dd>
    </>
  )
}
