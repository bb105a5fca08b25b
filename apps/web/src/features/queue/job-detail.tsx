import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Copy, RotateCcw, WandSparkles, X } from 'lucide-react'
import { isEnded } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { copyText } from '../../lib/copy.ts'
import { ago, duration, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Meter, Status } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { JobPreview } from './job-preview.tsx'
import { Problem, Warnings, Why } from './job-problem.tsx'
import { nameOf, stateOf, statusWords } from './job-words.ts'
import { useCancel, useRetry } from './jobs.ts'
import { Timings } from './timings.tsx'
import type { ReactNode } from 'react'
import type { JobView } from '@easel/client'

type DetailProps = {
  id: string
  canWrite: boolean
  /** Undefined where nobody has to be told whose it is. */
  nameOf: (userId: string) => string | undefined
  onShow: (id: string) => void
}

/** All there is to know of one job, in the list or not. */
export function JobDetail({ id, ...props }: DetailProps) {
  const { data, error, refetch } = useQuery({ queryKey: ['job', id], queryFn: () => easel.jobs.get(id) })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={4} className="p-4" />
  return <Content job={data} {...props} />
}

function Content({ job, nameOf: whoIs, canWrite, onShow }: Omit<DetailProps, 'id'> & { job: JobView }) {
  const { name, tone } = statusWords[job.status]
  const isUnderWay = job.status === 'running' || job.status === 'canceling'
  return (
    <div className="flex flex-col gap-4 p-4">
      <header className="flex flex-col gap-1 pr-9">
        <h2 className="text-lg font-semibold" dir="auto">
          {nameOf(job)}
        </h2>
        <Status tone={tone}>{name}</Status>
      </header>
      <Actions job={job} canWrite={canWrite} onShow={onShow} />
      {isUnderWay && (
        <div className="flex flex-col gap-1.5">
          <Meter value={job.progress?.value ?? undefined} label="Progress" />
          <p className="text-sm text-ink-2">{stateOf(job)}</p>
          <JobPreview id={job.id} />
        </div>
      )}
      {job.status === 'queued' && <Why id={job.id} />}
      {job.error && <Problem error={job.error} />}
      {job.warnings.length > 0 && <Warnings warnings={job.warnings} />}
      <Outputs job={job} />
      <Timings timings={job.timings} />
      <Attempts attempts={job.attempts} />
      <Facts job={job} who={whoIs(job.createdBy)} onShow={onShow} />
    </div>
  )
}

function Actions({
  job,
  canWrite,
  onShow,
}: {
  job: JobView
  canWrite: boolean
  onShow: (id: string) => void
}) {
  const cancel = useCancel(job)
  const retry = useRetry(job, ({ id }) => onShow(id))
  return (
    <div className="flex flex-wrap gap-2">
      <ButtonLink to="/create" search={{ job: job.id }} small icon={<WandSparkles size={15} aria-hidden />}>
        Open in Create
      </ButtonLink>
      {canWrite && isEnded(job) && (
        <Button
          small
          icon={<RotateCcw size={15} aria-hidden />}
          disabled={retry.isPending}
          onClick={() => retry.mutate()}
        >
          Run again
        </Button>
      )}
      {canWrite && !isEnded(job) && (
        <Button
          small
          look="danger"
          icon={<X size={15} aria-hidden />}
          disabled={cancel.isPending || job.status === 'canceling'}
          onClick={() => cancel.mutate()}
        >
          Cancel
        </Button>
      )}
    </div>
  )
}

function Outputs({ job }: { job: JobView }) {
  const kept = job.outputs.filter(({ temporary }) => !temporary)
  if (kept.length === 0) return null
  return (
    <section aria-label="Outputs" className="grid grid-cols-3 gap-2">
      {kept.slice(0, 24).map(({ assetId, kind, index, width, height, filename }) => (
        <Link
          key={index}
          to="/gallery"
          search={{ asset: assetId }}
          aria-label={`Output ${index + 1} in the gallery`}
          className="grid aspect-square place-items-center overflow-hidden rounded-control bg-inset text-sm text-ink-2 hover:opacity-90"
        >
          {kind === 'image' || kind === 'animation' || kind === 'video' ? (
            <img
              src={`/api/assets/${assetId}/thumbnail?size=256`}
              alt={filename ?? ''}
              loading="lazy"
              width={width ?? 256}
              height={height ?? 256}
              className="size-full object-cover"
            />
          ) : (
            kind
          )}
        </Link>
      ))}
    </section>
  )
}

const attemptWords: Record<JobView['attempts'][number]['state'], string> = {
  bound: 'handed over',
  running: 'runs',
  succeeded: 'done',
  failed: 'failed',
  canceled: 'canceled',
  lost: 'lost',
}

function Attempts({ attempts }: Pick<JobView, 'attempts'>) {
  if (attempts.length === 0) return null
  return (
    <section className="flex flex-col gap-1.5 text-sm">
      <h3 className="font-medium">{attempts.length === 1 ? 'Attempt' : 'Attempts'}</h3>
      <ol className="flex flex-col gap-1.5">
        {attempts.map(({ number, worker, state, warm, gpuSeconds, error, boundAt }) => (
          <li key={number} className="flex flex-col">
            <span className="flex flex-wrap gap-x-2">
              <span className="nums text-ink-3">{number}</span>
              <span className="font-medium">{worker}</span>
              <span className="text-ink-2">
                {[
                  attemptWords[state],
                  warm === true && 'warm',
                  isGiven(gpuSeconds) && `${duration(gpuSeconds)} of GPU`,
                ]
                  .filter(Boolean)
                  .join(', ')}
              </span>
              <time className="ml-auto text-ink-3" dateTime={boundAt} title={exactTime(boundAt)}>
                {ago(boundAt)}
              </time>
            </span>
            {error && attempts.length > 1 && <span className="text-ink-2">{error.message}</span>}
          </li>
        ))}
      </ol>
    </section>
  )
}

function Facts({
  job,
  who,
  onShow,
}: {
  job: JobView
  who: string | undefined
  onShow: (id: string) => void
}) {
  const { usage, estimate, retryOf } = job
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
      {who !== undefined && <Fact name="By">{who}</Fact>}
      <Fact name="Submitted">{exactTime(job.createdAt)}</Fact>
      {usage.gpuSeconds > 0 && <Fact name="GPU time">{duration(usage.gpuSeconds)}</Fact>}
      {usage.costMicros > 0 && <Fact name="Cost">${(usage.costMicros / 1_000_000).toFixed(4)}</Fact>}
      {!isEnded(job) && isGiven(estimate) && estimate.gpuSeconds > 0 && (
        <Fact name="Probably">{duration(estimate.gpuSeconds)} of GPU</Fact>
      )}
      {job.models && job.models.length > 0 && <Fact name="Models">{job.models.join(', ')}</Fact>}
      {job.labels && job.labels.length > 0 && <Fact name="Labels">{job.labels.join(', ')}</Fact>}
      <Fact name="Pool">
        {job.pool}, {job.priority}
      </Fact>
      {isGiven(retryOf) && (
        <Fact name="Repeats">
          <button type="button" className="text-accent hover:underline" onClick={() => onShow(retryOf)}>
            an earlier job
          </button>
        </Fact>
      )}
      <Fact name="Id">
        <span className="flex items-center gap-1">
          <code className="min-w-0 truncate font-mono text-xs">{job.id}</code>
          <button
            type="button"
            aria-label="Copy the id"
            title="Copy the id"
            className="-my-1 shrink-0 rounded-control p-1.5 text-ink-2 hover:bg-hover hover:text-ink"
            onClick={() => void copyText(job.id, 'The id')}
          >
            <Copy size={13} aria-hidden />
          </button>
        </span>
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd className="nums min-w-0" dir="auto">
        {children}
      </dd>
    </>
  )
}
