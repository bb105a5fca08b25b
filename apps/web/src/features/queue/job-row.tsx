import { useMutation, useQuery } from '@tanstack/react-query'
import { ChevronDown, RotateCcw, X } from 'lucide-react'
import clsx from 'clsx'
import { isEnded } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { ago, exactTime } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Status } from '../../ui/page.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { JobDetail } from './job-detail.tsx'
import { nameOf, stateOf, statusWords } from './job-words.ts'
import type { JobView } from '@easel/client'

/** `job` as the list has it; the event stream keeps the newer one under its id. */
export function JobRow({
  job: listed,
  isOpen,
  toggle,
}: {
  job: JobView
  isOpen: boolean
  toggle: () => void
}) {
  const { data: job } = useQuery({
    queryKey: ['job', listed.id],
    queryFn: () => easel.jobs.get(listed.id),
    initialData: listed,
    enabled: isOpen,
  })
  const { name, tone } = statusWords[job.status]
  const title = nameOf(job)
  return (
    <li>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2.5 md:px-4">
        <Outputs job={job} />
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={toggle}
          className="flex min-w-0 flex-1 basis-52 items-center gap-2 rounded-control text-left"
        >
          <ChevronDown
            size={16}
            className={clsx('shrink-0 text-ink-3 transition-transform', !isOpen && '-rotate-90')}
            aria-hidden
          />
          <span className="min-w-0 flex-1">
            <span className="flex items-center gap-3">
              <span className="truncate font-medium" title={title}>
                {title}
              </span>
              <Status tone={tone}>{name}</Status>
            </span>
            <span className="line-clamp-2 text-sm text-ink-2">{stateOf(job)}</span>
          </span>
        </button>
        <time
          className="text-sm text-ink-3 max-md:hidden"
          dateTime={job.createdAt}
          title={exactTime(job.createdAt)}
        >
          {ago(job.createdAt)}
        </time>
        <Actions job={job} title={title} />
        {job.status === 'running' && (
          <div className="w-full">
            <Meter value={job.progress?.value ?? undefined} label={`Progress of ${title}`} />
          </div>
        )}
      </div>
      {isOpen && <JobDetail job={job} />}
    </li>
  )
}

function Outputs({ job }: { job: JobView }) {
  const shown = job.outputs.filter(
    ({ kind, temporary }) => (kind === 'image' || kind === 'animation' || kind === 'video') && !temporary,
  )
  const [first] = shown
  if (!first) return null
  return (
    <span className="relative size-11 shrink-0 overflow-hidden rounded-control bg-hover">
      <img
        src={`/api/assets/${first.assetId}/thumbnail?size=256`}
        alt=""
        loading="lazy"
        width={44}
        height={44}
        className="size-full object-cover"
      />
      {shown.length > 1 && (
        <span className="absolute right-0 bottom-0 rounded-tl-control bg-black/70 px-1 text-xs font-medium text-white">
          {shown.length}
        </span>
      )}
    </span>
  )
}

function Actions({ job, title }: { job: JobView; title: string }) {
  const again = () => void queries.invalidateQueries({ queryKey: ['jobs'] })
  const cancel = useMutation({
    mutationFn: () => easel.jobs.cancel(job.id),
    onSuccess: again,
    onError: tellError,
  })
  const retry = useMutation({
    mutationFn: () => easel.jobs.retry(job.id),
    onSuccess: () => {
      tell(`“${title}” is queued again`)
      again()
    },
    onError: tellError,
  })
  if (!isEnded(job)) {
    return (
      <Button
        small
        look="quiet"
        icon={<X size={16} aria-hidden />}
        disabled={cancel.isPending || job.status === 'canceling'}
        onClick={() => cancel.mutate()}
        aria-label={`Cancel ${title}`}
      />
    )
  }
  return (
    <Button
      small
      look="quiet"
      icon={<RotateCcw size={16} aria-hidden />}
      disabled={retry.isPending}
      onClick={() => retry.mutate()}
      aria-label={`Run ${title} again`}
    />
  )
}
