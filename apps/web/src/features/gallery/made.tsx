import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { ago, duration, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Facts } from './facts.tsx'
import { membersQuery } from './members.ts'
import type { AssetView, JobView } from '@easel/client'
import type { Fact } from './facts.tsx'
import type { GallerySearch } from './gallery-search.ts'

type MadeProps = { asset: AssetView; onFilter: (change: Partial<GallerySearch>) => void }

const link = 'rounded-control text-left underline decoration-line-strong underline-offset-2 hover:text-accent'

/** Who made it when, by which job, and how long that took. */
export function Made({ asset, onFilter }: MadeProps) {
  const { jobId, sessionId, createdBy, createdAt, origin, spaceId } = asset
  const { data: me } = useSuspenseQuery(meQuery)
  const { data: members } = useQuery({ ...membersQuery(spaceId), enabled: createdBy !== me.id })
  const { data: job } = useQuery({
    queryKey: ['job', jobId],
    queryFn: () => easel.jobs.get(jobId!),
    enabled: isGiven(jobId),
    retry: false,
  })
  const { data: session } = useQuery({
    queryKey: ['session', sessionId],
    queryFn: () => easel.sessions.get(sessionId!),
    enabled: isGiven(sessionId),
    retry: false,
  })
  const member = members?.items.find(({ userId }) => userId === createdBy)
  const rows: Fact[] = [
    [
      origin === 'upload' ? 'Uploaded' : 'Made',
      <time key="made" dateTime={createdAt} title={exactTime(createdAt)}>
        {ago(createdAt)}
      </time>,
    ],
    ['By', createdBy === me.id ? 'You' : member && (member.name || member.email)],
    [
      'Session',
      isGiven(sessionId) && (
        <button type="button" className={link} dir="auto" onClick={() => onFilter({ session: sessionId })}>
          {session?.title ?? 'Of one session'}
        </button>
      ),
    ],
    [
      'Job',
      isGiven(jobId) && (
        <Link to="/queue" search={{ show: 'done', job: jobId }} className={link} dir="auto">
          {job?.name || 'Show it in the queue'}
        </Link>
      ),
    ],
    ['Took', job && timesOf(job)],
    ['Worker', job?.attempts.at(-1)?.worker],
  ]
  return <Facts rows={rows} />
}

function timesOf({ timings }: JobView): string | undefined {
  const { executeMs, modelLoadMs, queuedMs } = timings
  const parts = [
    isGiven(executeMs) && duration(executeMs / 1_000),
    isGiven(modelLoadMs) && modelLoadMs > 500 && `models loaded in ${duration(modelLoadMs / 1_000)}`,
    isGiven(queuedMs) && queuedMs > 1_000 && `${duration(queuedMs / 1_000)} in the queue`,
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : undefined
}
