import { useInfiniteQuery } from '@tanstack/react-query'
import { Sparkles } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { batchesOf } from './batches.ts'
import { roleValue } from './form-model.ts'
import { ResultBatch } from './result-batch.tsx'
import { ResultCard } from './result-card.tsx'
import type { SessionView } from '@easel/client'
import type { ResultDeeds } from './result-deeds.ts'
import type { FormOptions } from './form-options.ts'
import { useDeeds } from './result-deeds.ts'

type ResultsProps = {
  session: SessionView
  /** The form beside it, when there is one. */
  options?: FormOptions
  /** Brings the form into sight where only one of the two is. */
  onForm?: () => void
}

const pageSize = 30

/** What the session has run, the newest first, each live. */
export function Results({ session, options, onForm }: ResultsProps) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['jobs', 'session', session.id],
    queryFn: ({ pageParam }) =>
      easel.jobs.list({
        sessionId: session.id,
        limit: pageSize,
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })
  const deeds: ResultDeeds = useDeeds(options, onForm)
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={3} />
  const batches = batchesOf(data.pages.flatMap(({ items }) => items))
  if (batches.length === 0) {
    return (
      <Empty title="Results appear here" icon={<Sparkles size={28} strokeWidth={1.5} />}>
        Each run with its progress, its preview and what comes of it. Ctrl Enter runs, too.
      </Empty>
    )
  }
  const shape = shapeOf(options)
  return (
    <div className="flex flex-col gap-4">
      <ol
        className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,22rem),1fr))] items-start gap-4"
        aria-label="Results"
      >
        {batches.map(({ id, jobs }) =>
          jobs.length === 1 ? (
            <ResultCard key={id} job={jobs[0]!} shape={shape} deeds={deeds} />
          ) : (
            <ResultBatch key={id} jobs={jobs} shape={shape} deeds={deeds} />
          ),
        )}
      </ol>
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Reading …' : 'Show older ones'}
        </Button>
      )}
    </div>
  )
}

/** What a result will probably look like, so that its box has its size before it comes. */
function shapeOf(options: FormOptions | undefined): number {
  if (!options) return 1
  const { analysis, draft } = options
  const [width, height] = ['width', 'height'].map((role) =>
    Number(roleValue(analysis.parameters, draft.values, role)),
  )
  const ratio = width! / height!
  return Number.isFinite(ratio) && ratio > 0 ? Math.min(4, Math.max(0.25, ratio)) : 1
}
