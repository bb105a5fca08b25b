import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Ban, CircleAlert, FileText, Hourglass, LoaderCircle, Music } from 'lucide-react'
import { isEnded } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Panel, Status } from '../../ui/page.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { Problem } from '../queue/job-problem.tsx'
import { nameOf, stateOf, statusWords } from '../queue/job-words.ts'
import { useJob } from '../queue/jobs.ts'
import { Picture, shownOutputs } from './outputs.tsx'
import { usePreview } from './preview-frame.tsx'
import { ResultMenu } from './result-menu.tsx'
import type { JobView } from '@easel/client'
import type { ResultDeeds } from './result-deeds.ts'

type ResultBatchProps = { jobs: readonly JobView[]; shape: number; deeds: ResultDeeds }

/** What was sent together, side by side. */
export function ResultBatch({ jobs: listed, shape, deeds }: ResultBatchProps) {
  const jobs = useQueries({
    queries: listed.map((job) => ({
      queryKey: ['job', job.id],
      queryFn: () => easel.jobs.get(job.id),
      initialData: job,
      enabled: false,
    })),
    combine: (results) => results.map(({ data }) => data),
  })
  const open = jobs.filter((job) => !isEnded(job))
  const failed = jobs.filter(({ status }) => status === 'failed')
  const cancelAll = () => {
    for (const { id } of open)
      easel.jobs.cancel(id).then((now) => queries.setQueryData(['job', id], now), tellError)
  }
  return (
    <li className="col-span-full">
      <Panel className="overflow-hidden">
        <div className="flex min-h-11 items-center gap-2 py-1.5 pr-1.5 pl-3">
          <Summary jobs={jobs} />
          <span className="min-w-0 flex-1 truncate text-sm text-ink-2" dir="auto">
            {nameOf(jobs[0]!)}
          </span>
          {open.length > 0 && (
            <Button small look="quiet" onClick={cancelAll}>
              Cancel {open.length === 1 ? 'the last' : count(open.length, 'job')}
            </Button>
          )}
        </div>
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(45%,11rem),1fr))] gap-px border-t">
          {listed.map((job) => (
            <Cell key={job.id} job={job} shape={shape} deeds={deeds} />
          ))}
        </ul>
        {failed[0]?.error && (
          <div role="alert" className="border-t p-3">
            <Problem error={failed[0].error} />
          </div>
        )}
      </Panel>
    </li>
  )
}

function Summary({ jobs }: { jobs: readonly JobView[] }) {
  const of = (status: JobView['status']) => jobs.filter((job) => job.status === status).length
  const [done, failed] = [of('succeeded'), of('failed')]
  if (jobs.some((job) => !isEnded(job))) {
    return (
      <Status tone={of('running') > 0 ? 'busy' : 'neutral'}>
        {done} of {jobs.length} done{failed > 0 && `, ${failed} failed`}
      </Status>
    )
  }
  if (failed > 0) return <Status tone="bad">{`${failed} of ${jobs.length} failed`}</Status>
  if (done === jobs.length) return <Status tone="good">{`All ${done} done`}</Status>
  return <Status tone="neutral">{`${done} of ${jobs.length} done`}</Status>
}

function Cell({ job: listed, shape, deeds }: { job: JobView; shape: number; deeds: ResultDeeds }) {
  const job = useJob(listed)
  const [first] = shownOutputs(job)
  const words = `${statusWords[job.status].name}${job.status === 'succeeded' ? '' : `: ${stateOf(job)}`}`
  return (
    <li
      className="group relative bg-inset shadow-[0_0_0_1px_var(--line)]"
      style={{ aspectRatio: shape }}
      title={words}
    >
      {first && job.status === 'succeeded' ? (
        <Link
          to="/gallery"
          search={{ asset: first.assetId }}
          aria-label={`Open ${first.filename ?? 'the result'} in the gallery`}
          className="grid size-full place-items-center -outline-offset-2"
        >
          <Glance output={first} />
        </Link>
      ) : (
        <Going job={job} />
      )}
      {isEnded(job) && (
        <ResultMenu
          job={job}
          deeds={deeds}
          className="absolute! top-1 right-1 bg-panel/90 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 data-[popup-open]:opacity-100 max-md:opacity-100"
        />
      )}
    </li>
  )
}

function Glance({ output }: { output: JobView['outputs'][number] }) {
  if (output.kind === 'audio') return <Music size={24} className="text-ink-3" aria-hidden />
  if (output.kind === 'image' || output.kind === 'animation' || output.kind === 'video')
    return <Picture output={{ ...output, kind: 'image' }} small />
  return <FileText size={24} className="text-ink-3" aria-hidden />
}

const icons = {
  queued: Hourglass,
  running: LoaderCircle,
  canceling: Ban,
  canceled: Ban,
  expired: Ban,
  failed: CircleAlert,
  succeeded: FileText,
} as const

function Going({ job }: { job: JobView }) {
  const preview = usePreview(job.id)
  const Icon = icons[job.status]
  const { step, steps } = job.progress ?? {}
  return (
    <div className="flex size-full flex-col">
      {preview !== undefined && job.status === 'running' ? (
        <img src={preview} alt="Preview" className="min-h-0 flex-1 object-contain" />
      ) : (
        <span className="flex min-h-0 flex-1 flex-col items-center justify-center gap-1 p-2 text-center text-xs text-ink-2">
          <Icon size={18} className={job.status === 'failed' ? 'text-bad' : 'text-ink-3'} aria-hidden />
          {statusWords[job.status].name}
        </span>
      )}
      {job.status === 'running' && (
        <span className="nums flex flex-col gap-1 bg-panel px-2 py-1.5 text-xs text-ink-2">
          <Meter value={job.progress?.value ?? undefined} label="Progress" />
          {typeof step === 'number' && typeof steps === 'number' ? `Step ${step} of ${steps}` : 'Running'}
        </span>
      )}
    </div>
  )
}
