import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Sparkles, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { isEnded } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { live } from '../../api/live.ts'
import { queries } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Panel, Status } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { nameOf, stateOf, statusWords } from '../queue/job-words.ts'
import { isGiven } from '../../lib/given.ts'
import type { JobOutput, JobView } from '@easel/client'

/** What the session has run, the newest first, each live. */
export function Results({ sessionId }: { sessionId: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['jobs', 'session', sessionId],
    queryFn: () => easel.jobs.list({ sessionId, limit: 30 }),
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={3} />
  if (data.items.length === 0) {
    return (
      <Empty title="Results appear here" icon={<Sparkles size={28} strokeWidth={1.5} />}>
        Each run with its progress, its preview and what comes of it.
      </Empty>
    )
  }
  return (
    <ol className="grid gap-4 2xl:grid-cols-2" aria-label="Results">
      {data.items.map((job) => (
        <Result key={job.id} job={job} />
      ))}
    </ol>
  )
}

function Result({ job: listed }: { job: JobView }) {
  const { data: job } = useQuery({
    queryKey: ['job', listed.id],
    queryFn: () => easel.jobs.get(listed.id),
    initialData: listed,
    enabled: false,
  })
  const { name, tone } = statusWords[job.status]
  const open = !isEnded(job)
  const cancel = async () => {
    try {
      queries.setQueryData(['job', job.id], await easel.jobs.cancel(job.id))
    } catch (error) {
      tellError(error)
    }
  }
  return (
    <li>
      <Panel className="overflow-hidden">
        <div className="flex items-center gap-3 px-3 py-2">
          <div className="min-w-0 flex-1">
            <div className="flex items-center gap-3">
              <span className="truncate font-medium">{nameOf(job)}</span>
              <Status tone={tone}>{name}</Status>
            </div>
            <p className="truncate text-sm text-ink-2" title={stateOf(job)}>
              {stateOf(job)}
            </p>
          </div>
          {open && (
            <Button
              small
              look="quiet"
              icon={<X size={16} aria-hidden />}
              aria-label="Cancel"
              disabled={job.status === 'canceling'}
              onClick={() => void cancel()}
            />
          )}
        </div>
        {job.status === 'running' && (
          <div className="px-3 pb-2">
            <Meter value={job.progress?.value ?? undefined} label="Progress" />
          </div>
        )}
        {job.status === 'failed' && <Errors job={job} />}
        {job.status === 'running' && <PreviewFrame jobId={job.id} />}
        <Outputs outputs={job.outputs} />
      </Panel>
    </li>
  )
}

function Errors({ job }: { job: JobView }) {
  const errors = job.error?.nodeErrors ?? []
  return (
    <div role="alert" className="border-t px-3 py-2 text-sm">
      {isGiven(job.error?.nodeClass) && (
        <p className="text-bad">
          {job.error.nodeClass} ({job.error.node}): {job.error.message}
        </p>
      )}
      <ul className="list-disc pl-5">
        {errors.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            <code className="text-ink-2">{path}</code> {message}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The newest preview of a job that runs. */
function PreviewFrame({ jobId }: { jobId: string }) {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    let last: string | undefined
    const stop = live.listen({
      preview: (preview) => {
        if (preview.jobId !== jobId) return
        const next = URL.createObjectURL(preview.picture)
        setUrl(next)
        if (last !== undefined) URL.revokeObjectURL(last)
        last = next
      },
    })
    return () => {
      stop()
      if (last !== undefined) URL.revokeObjectURL(last)
    }
  }, [jobId])
  if (url === undefined) return null
  return <img src={url} alt="Preview" className="max-h-96 w-full border-t bg-inset object-contain" />
}

const maxHeight = 480

function Outputs({ outputs }: { outputs: readonly JobOutput[] }) {
  const shown = outputs.filter(({ temporary }) => !temporary)
  if (shown.length === 0) return null
  return (
    <div
      className="grid gap-px border-t bg-line"
      style={{ gridTemplateColumns: `repeat(${Math.min(shown.length, 3)}, minmax(0, 1fr))` }}
    >
      {shown.map((output) => (
        <Output key={output.assetId} output={output} />
      ))}
    </div>
  )
}

function Output({ output }: { output: JobOutput }) {
  const { kind, assetId, width, height, text, url, filename } = output
  if (kind === 'text') return <p className="bg-panel p-3 whitespace-pre-wrap">{text}</p>
  if (kind === 'audio')
    return <audio src={url} controls className="w-full bg-panel p-2" aria-label={filename ?? 'Sound'} />
  const picture = (size: number) => `/api/assets/${assetId}/thumbnail?size=${size}`
  return (
    <Link
      to="/gallery"
      search={{ asset: assetId }}
      className="block bg-inset -outline-offset-2"
      style={{ aspectRatio: width && height ? `${width} / ${height}` : '1', maxHeight }}
    >
      {kind === 'video' ? (
        <video src={url} controls loop muted playsInline className="size-full object-contain" />
      ) : (
        <img
          src={picture(512)}
          srcSet={`${picture(512)} 512w, ${picture(1024)} 1024w`}
          sizes="(min-width: 1200px) 40vw, 90vw"
          alt={filename ?? 'Result'}
          className="size-full object-contain"
          onError={({ currentTarget }) => {
            // The thumbnail is made a moment after the picture.
            if (currentTarget.src.endsWith('/content')) return
            currentTarget.srcset = ''
            currentTarget.src = url
          }}
        />
      )}
    </Link>
  )
}
