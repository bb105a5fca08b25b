import { useMutation, useQuery } from '@tanstack/react-query'
import { Pause, Play, RotateCcw, X } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { ago, bytes, count, duration, exactTime } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Status } from '../../ui/page.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { isGiven } from '../../lib/given.ts'
import type { ReactNode } from 'react'
import type { DownloadFileView, DownloadView } from '@easel/client'

type Tone = 'neutral' | 'good' | 'busy' | 'warn' | 'bad'

const states: Record<DownloadView['status'], { name: string; tone: Tone }> = {
  queued: { name: 'Waiting', tone: 'neutral' },
  running: { name: 'Fetching', tone: 'busy' },
  verifying: { name: 'Checking', tone: 'busy' },
  paused: { name: 'Paused', tone: 'warn' },
  completed: { name: 'Done', tone: 'good' },
  failed: { name: 'Failed', tone: 'bad' },
  canceled: { name: 'Canceled', tone: 'neutral' },
}

/** `download` as the list has it; the event stream keeps the newer one under its id. */
export function DownloadRow({ download: listed }: { download: DownloadView }) {
  const { data: live } = useQuery({
    queryKey: ['download', listed.id],
    queryFn: () => easel.downloads.get(listed.id),
    enabled: false,
  })
  const under = ['queued', 'running', 'verifying'].includes(listed.status)
  const download = under && live ? live : listed
  const { name, tone } = states[download.status]
  const title = download.title ?? download.filename ?? download.url
  const files = download.files ?? []
  return (
    <li className="flex flex-col gap-2 px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="min-w-0 flex-1 basis-60">
          <p className="flex items-center gap-3">
            <span className="truncate font-medium" title={title} dir="auto">
              {title}
            </span>
            <Status tone={tone}>{name}</Status>
          </p>
          <p className="nums truncate text-sm text-ink-2">{lineOf(download)}</p>
        </div>
        <time
          className="text-sm text-ink-3 max-md:hidden"
          dateTime={download.createdAt}
          title={exactTime(download.createdAt)}
        >
          {ago(download.createdAt)}
        </time>
        <Actions download={download} />
      </div>
      {['running', 'verifying', 'paused'].includes(download.status) && (
        <Meter
          value={download.bytesTotal ? download.bytesDone / download.bytesTotal : undefined}
          label={`Progress of ${title}`}
          tone={download.status === 'paused' ? 'warn' : 'accent'}
        />
      )}
      {download.error && <p className="text-sm text-bad">{download.error.message}</p>}
      {files.length > 1 && (
        <details className="text-sm">
          <summary className="text-ink-2">{count(files.length, 'file')}</summary>
          <ul className="mt-1 flex flex-col gap-1">
            {files.map((file) => (
              <File key={file.transferId} file={file} />
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}

function lineOf({
  status,
  bytesDone,
  bytesTotal,
  bytesPerSecond,
  etaSeconds,
  folder,
  filename,
  verification,
}: DownloadView): string {
  const size = !isGiven(bytesTotal)
    ? bytes(bytesDone)
    : bytesDone === bytesTotal
      ? bytes(bytesTotal)
      : `${bytes(bytesDone)} of ${bytes(bytesTotal)}`
  const speed = status === 'running' && bytesPerSecond ? `${bytes(bytesPerSecond)}/s` : undefined
  const left = status === 'running' && isGiven(etaSeconds) ? `${duration(etaSeconds)} left` : undefined
  const checked =
    status === 'completed'
      ? verification === 'verified'
        ? 'its hash is right'
        : 'no hash to compare with'
      : undefined
  return [size, speed, left, checked, filename && `${folder}/${filename}`].filter(Boolean).join(' · ')
}

function File({ file }: { file: DownloadFileView }) {
  const { name, tone } = states[file.status]
  return (
    <li className="flex items-center gap-3">
      <span className="min-w-0 flex-1 truncate" title={file.filename ?? undefined}>
        <span className="text-ink-3">{file.folder}/</span>
        {file.filename}
        {file.error && <span className="text-bad"> {file.error.message}</span>}
      </span>
      <span className="nums text-ink-2">{isGiven(file.bytesTotal) && bytes(file.bytesTotal)}</span>
      <Status tone={tone}>
        {file.reused
          ? 'Was here'
          : file.status === 'running' && file.bytesTotal
            ? `${Math.floor((100 * file.bytesDone) / file.bytesTotal)} %`
            : name}
      </Status>
    </li>
  )
}

function Actions({ download: { id, status, title } }: { download: DownloadView }) {
  const act = useMutation({
    mutationFn: (work: () => Promise<unknown>) => work(),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['downloads'] }),
    onError: tellError,
  })
  const name = title ?? 'it'
  const button = (label: string, icon: ReactNode, work: () => Promise<unknown>) => (
    <Button
      small
      look="quiet"
      icon={icon}
      aria-label={`${label} ${name}`}
      disabled={act.isPending}
      onClick={() => act.mutate(work)}
    />
  )
  return (
    <span className="flex">
      {(status === 'queued' || status === 'running') &&
        button('Pause', <Pause size={16} aria-hidden />, () => easel.downloads.pause(id))}
      {status === 'paused' &&
        button('Go on with', <Play size={16} aria-hidden />, () => easel.downloads.resume(id))}
      {status === 'failed' &&
        button('Try again:', <RotateCcw size={16} aria-hidden />, () => easel.downloads.retry(id))}
      {status !== 'completed' &&
        status !== 'canceled' &&
        button('Cancel', <X size={16} aria-hidden />, () => easel.downloads.cancel(id))}
    </span>
  )
}
