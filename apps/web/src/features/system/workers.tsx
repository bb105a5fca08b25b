import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Cpu } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { meQuery, queries } from '../../api/queries.ts'
import { ago, bytes, count, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Meter, Panel, Status } from '../../ui/page.tsx'
import { Empty } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { nameOf, stateOf } from '../queue/job-words.ts'
import type { WorkerView } from '@easel/client'

export function Workers({ workers }: { workers: readonly WorkerView[] }) {
  return (
    <Panel
      title="Workers"
      actions={<span className="nums text-sm text-ink-3">{count(workers.length, 'worker')}</span>}
    >
      {workers.length === 0 ? (
        <Empty title="No worker is connected" icon={<Cpu size={28} strokeWidth={1.5} />}>
          Jobs wait until one is. A worker beside a ComfyUI connects by itself.
        </Empty>
      ) : (
        <ul className="divide-y" aria-label="Workers">
          {workers.map((worker) => (
            <Worker key={worker.id} worker={worker} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

type Tone = 'good' | 'busy' | 'warn' | 'bad'

const states: Record<WorkerView['state'], { name: string; tone: Tone }> = {
  ready: { name: 'Ready', tone: 'good' },
  busy: { name: 'Working', tone: 'busy' },
  starting: { name: 'Starting', tone: 'warn' },
  draining: { name: 'Drained', tone: 'warn' },
  lost: { name: 'Lost', tone: 'bad' },
}

function Worker({ worker }: { worker: WorkerView }) {
  const { data: me } = useSuspenseQuery(meQuery)
  const { id, state, attempts } = worker
  const finishes = state === 'draining' && attempts.length > 0
  const { name, tone } = states[state]
  return (
    <li className="flex flex-col gap-3 px-4 py-3.5">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            <h3 className="truncate font-medium" title={id}>
              {id}
            </h3>
            <Status tone={tone}>{finishes ? 'Draining' : name}</Status>
            {worker.simulator && <Status tone="warn">Simulator</Status>}
          </div>
          <About worker={worker} />
        </div>
        <Memory worker={worker} />
        {me.role === 'admin' && state !== 'lost' && <Drain worker={worker} />}
      </div>
      {attempts.length > 0 ? (
        <ul className="flex flex-col gap-2" aria-label={`What ${id} runs`}>
          {attempts.map(({ jobId }) => (
            <Running key={jobId} id={jobId} />
          ))}
        </ul>
      ) : (
        <p className="text-sm text-ink-3">{idleWords(worker)}</p>
      )}
    </li>
  )
}

function idleWords({ state, runSlots, lastSeenAt }: WorkerView): string {
  if (state === 'lost') return `Last heard of ${ago(lastSeenAt)}. What it ran is begun elsewhere.`
  if (state === 'draining') return 'It takes no more work until it is resumed.'
  if (state === 'starting') return 'Its ComfyUI does not answer yet.'
  // What runs for spaces that one does not see is not shown.
  if (state === 'busy') return 'It works for another space.'
  return runSlots === 1 ? 'Nothing runs.' : `Nothing runs on its ${runSlots} slots.`
}

function About({ worker }: { worker: WorkerView }) {
  const { gpu, pool, comfyVersion, labels, costMicrosPerHour, warm, version, lastSeenAt } = worker
  const facts = [
    gpu ?? 'no GPU named',
    `pool ${pool}`,
    isGiven(comfyVersion) && `ComfyUI ${comfyVersion}`,
    labels.length > 0 && `labels ${labels.join(', ')}`,
    isGiven(costMicrosPerHour) &&
      costMicrosPerHour > 0 &&
      `$${(costMicrosPerHour / 1_000_000).toFixed(2)} an hour`,
  ]
  return (
    <>
      <p className="text-sm text-ink-2" title={`Easel ${version}, last heard of ${exactTime(lastSeenAt)}`}>
        {facts.filter(Boolean).join(' · ')}
      </p>
      {isGiven(warm) && warm.length > 0 ? (
        <p className="mt-1.5 flex flex-wrap items-center gap-1.5 text-sm">
          <span className="text-ink-3">Warm</span>
          {warm.slice(0, 6).map((model) => (
            <span key={model} className="max-w-64 truncate rounded-full border px-2 text-ink-2" title={model}>
              {model}
            </span>
          ))}
          {warm.length > 6 && (
            <span className="text-ink-3" title={warm.slice(6).join('\n')}>
              and {warm.length - 6} more
            </span>
          )}
        </p>
      ) : (
        <p className="text-sm text-ink-3">No model in memory</p>
      )}
    </>
  )
}

function Memory({ worker: { vramTotal, vramFree } }: { worker: WorkerView }) {
  if (!isGiven(vramTotal) || !isGiven(vramFree) || vramTotal === 0) return null
  const used = 1 - vramFree / vramTotal
  return (
    <div className="flex w-44 flex-col gap-1.5 text-sm max-sm:w-full">
      <span className="nums whitespace-nowrap" title="GPU memory">
        {bytes(vramTotal - vramFree)} <span className="text-ink-3">of {bytes(vramTotal)} GPU</span>
      </span>
      <Meter value={used} label="GPU memory" tone={used > 0.95 ? 'warn' : 'accent'} />
    </div>
  )
}

function Running({ id }: { id: string }) {
  const { data: job } = useQuery({ queryKey: ['job', id], queryFn: () => easel.jobs.get(id) })
  if (!job) return <li className="h-9" />
  return (
    <li className="rounded-control bg-inset px-3 py-1.5 text-sm">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <Link
          to="/queue"
          search={{ job: id }}
          className="min-w-0 truncate font-medium hover:text-accent"
          dir="auto"
        >
          {nameOf(job)}
        </Link>
        <span className="text-ink-2">{job.status === 'queued' ? 'Next' : stateOf(job)}</span>
      </div>
      {job.status !== 'queued' && (
        <div className="mt-1 mb-0.5">
          <Meter value={job.progress?.value ?? undefined} label={`Progress of ${nameOf(job)}`} />
        </div>
      )}
    </li>
  )
}

function Drain({ worker: { id, state, attempts } }: { worker: WorkerView }) {
  const isDrained = state === 'draining'
  const change = useMutation({
    mutationFn: () => (isDrained ? easel.system.resume(id) : easel.system.drain(id)),
    onSuccess: () => {
      tell(isDrained ? `${id} takes work again` : `${id} takes no more work`)
      void queries.invalidateQueries({ queryKey: ['system'] })
    },
    onError: tellError,
  })
  if (isDrained) {
    return (
      <Button small disabled={change.isPending} onClick={() => change.mutate()}>
        Resume
      </Button>
    )
  }
  return (
    <Confirm
      trigger={
        <Button small disabled={change.isPending}>
          Drain
        </Button>
      }
      title={`Drain ${id}?`}
      action="Drain it"
      onConfirm={() => change.mutate()}
    >
      {attempts.length > 0 ? 'What runs goes on to its end; w' : 'W'}hat waits goes elsewhere, and it takes no
      more work until it is resumed or started anew.
    </Confirm>
  )
}
