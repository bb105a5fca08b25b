import { RotateCcw, X } from 'lucide-react'
import { isEnded } from '@easel/client'
import { ago, exactTime } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Panel, Status } from '../../ui/page.tsx'
import { Problem, Warnings } from '../queue/job-problem.tsx'
import { nameOf, stateOf, statusWords } from '../queue/job-words.ts'
import { useCancel, useJob, useRetry } from '../queue/jobs.ts'
import { Outputs, shownOutputs } from './outputs.tsx'
import { PreviewFrame } from './preview-frame.tsx'
import { ResultMenu } from './result-menu.tsx'
import { withTimeLeft } from './time-left.ts'
import { WaitReason } from './wait-reason.tsx'
import type { JobView } from '@easel/client'
import type { ResultDeeds } from './result-deeds.ts'

type ResultCardProps = { job: JobView; shape: number; deeds: ResultDeeds }

/** One run: what comes of it, how far it is, and what to do with it. */
export function ResultCard({ job: listed, shape, deeds }: ResultCardProps) {
  const job = withTimeLeft(useJob(listed), Date.now())
  const { name, tone } = statusWords[job.status]
  const outputs = shownOutputs(job)
  return (
    <li>
      <Panel className="overflow-hidden">
        {job.status === 'running' && outputs.length === 0 && <PreviewFrame jobId={job.id} shape={shape} />}
        <Outputs outputs={outputs} />
        {job.status === 'running' && (
          <div className="px-3 pt-2.5">
            <Meter value={job.progress?.value ?? undefined} label="Progress" />
          </div>
        )}
        <div className="flex items-center gap-2 py-1.5 pr-1.5 pl-3">
          <div className="min-w-0 flex-1 py-0.5">
            <p className="flex items-center gap-2">
              <Status tone={tone}>{name}</Status>
              <span className="min-w-0 truncate text-sm text-ink-2" title={nameOf(job)} dir="auto">
                {nameOf(job)}
              </span>
            </p>
            <p className="line-clamp-2 text-sm text-ink-2" title={exactTime(job.createdAt)}>
              {job.error
                ? ago(job.createdAt)
                : [stateOf(job), isEnded(job) && ago(job.createdAt)].filter(Boolean).join(' · ')}
            </p>
          </div>
          <Deed job={job} />
          <ResultMenu job={job} deeds={deeds} />
        </div>
        {job.status === 'queued' && <WaitReason id={job.id} />}
        {job.error && job.status === 'failed' && (
          <div role="alert" className="border-t p-3">
            <Problem error={job.error} />
          </div>
        )}
        {job.warnings.length > 0 && (
          <div className="border-t p-3">
            <Warnings warnings={job.warnings} />
          </div>
        )}
      </Panel>
    </li>
  )
}

/** The one thing that is next: to stop what goes on, to try again what did not come to its end. */
function Deed({ job }: { job: JobView }) {
  const cancel = useCancel(job)
  const retry = useRetry(job)
  if (!isEnded(job)) {
    return (
      <Button
        small
        look="quiet"
        icon={<X size={16} aria-hidden />}
        aria-label="Cancel"
        disabled={job.status === 'canceling' || cancel.isPending}
        onClick={() => cancel.mutate()}
      />
    )
  }
  if (job.status === 'succeeded') return null
  return (
    <Button
      small
      icon={<RotateCcw size={14} aria-hidden />}
      disabled={retry.isPending}
      onClick={() => retry.mutate()}
    >
      Try again
    </Button>
  )
}
