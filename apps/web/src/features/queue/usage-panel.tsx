import { useQueries, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import clsx from 'clsx'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { count, duration, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import type { MemberView, UsageReport, UsageTotal } from '@easel/client'
import type { CurrentSpace } from '../../api/space.ts'

const days = 14

/** What the space has used, what is held for open jobs, and what is left. */
export function UsagePanel({ space, members }: { space: CurrentSpace; members: readonly MemberView[] }) {
  const { data: me } = useSuspenseQuery(meQuery)
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', 'space', space.id],
    queryFn: () => easel.spaces.usage(space.id, { last: days }),
  })
  const isShared = members.length > 1
  return (
    <Panel title="Usage">
      <div className="flex flex-col gap-4 p-4">
        {error && !data && <Failure error={error} retry={() => void refetch()} />}
        {!data && !error && <Loading rows={2} />}
        {data && <Report report={data} />}
        {data && isShared && me.role !== 'admin' && <Own userId={me.id} />}
        {data && isShared && me.role === 'admin' && <ByPerson members={members} />}
      </div>
    </Panel>
  )
}

const presentOf = (report: UsageReport, period: UsageTotal['period']) =>
  report.totals.find((total) => total.period === period)

function Report({ report }: { report: UsageReport }) {
  const day = presentOf(report, 'day')
  const month = presentOf(report, 'month')
  const { maxRunning, maxOpen } = report.limits
  const of = (limit: number | null | undefined) => (isGiven(limit) ? ` of ${limit}` : '')
  return (
    <>
      {day && <Budget name="Today" total={day} />}
      {month && <Budget name="This month" total={month} />}
      <Days totals={report.totals} />
      <p className="nums text-sm text-ink-2">
        {report.running}
        {of(maxRunning)} running, {report.open}
        {of(maxOpen)} open
      </p>
    </>
  )
}

function Budget({ name, total }: { name: string; total: UsageTotal }) {
  const { gpuSeconds, reservedGpuSeconds, gpuSecondsLimit, costMicros, reservedCostMicros, costMicrosLimit } =
    total
  const showsMoney = costMicros + reservedCostMicros > 0 || isGiven(costMicrosLimit)
  return (
    <section className="flex flex-col gap-2" aria-label={name}>
      <div className="flex items-baseline justify-between gap-2">
        <h3 className="font-medium">{name}</h3>
        <span className="text-sm text-ink-3">{count(total.jobs, 'job')}</span>
      </div>
      <Share
        what="GPU time"
        used={gpuSeconds}
        held={reservedGpuSeconds}
        limit={gpuSecondsLimit}
        tell={gpuTime}
        endsAt={total.endsAt}
      />
      {showsMoney && (
        <Share
          what="Cost"
          used={costMicros}
          held={reservedCostMicros}
          limit={costMicrosLimit}
          tell={money}
          endsAt={total.endsAt}
        />
      )}
    </section>
  )
}

const gpuTime = (seconds: number) => (seconds === 0 ? '0 s' : duration(seconds))
const money = (micros: number) => `$${(micros / 1_000_000).toFixed(2)}`

type ShareProps = {
  what: string
  used: number
  held: number
  limit: number | null | undefined
  tell: (value: number) => string
  endsAt: string
}

/** Without a limit there is nothing to fill, so there is no bar. */
function Share({ what, used, held, limit, tell, endsAt }: ShareProps) {
  const left = isGiven(limit) ? Math.max(0, limit - used - held) : undefined
  const part = (value: number) => (isGiven(limit) && limit > 0 ? Math.min(100, (value / limit) * 100) : 100)
  const isSpent = left !== undefined && left <= 0
  return (
    <div className="flex flex-col gap-1 text-sm">
      <div className="nums flex flex-wrap justify-between gap-x-3">
        <span>
          {what} {tell(used)}
          {isGiven(limit) && <span className="text-ink-2"> of {tell(limit)}</span>}
        </span>
        {left !== undefined && (
          <span
            className={isSpent ? 'font-medium text-bad' : 'text-ink-2'}
            title={`Until ${exactTime(endsAt)}`}
          >
            {isSpent ? 'spent' : `${tell(left)} left`}
          </span>
        )}
      </div>
      {isGiven(limit) && (
        <div
          role="meter"
          aria-label={`${what} used`}
          aria-valuemin={0}
          aria-valuemax={limit}
          aria-valuenow={Math.min(limit, used + held)}
          aria-valuetext={`${tell(used)} used, ${tell(held)} held, of ${tell(limit)}`}
          className="flex h-1.5 overflow-hidden rounded-full bg-hover"
        >
          <span className={isSpent ? 'bg-bad' : 'bg-accent'} style={{ width: `${part(used)}%` }} />
          <span className="bg-accent opacity-40" style={{ width: `${part(held)}%` }} />
        </div>
      )}
      {held > 0 && <span className="nums text-ink-3">{tell(held)} held for jobs that have not ended</span>}
    </div>
  )
}

/** The last two weeks, a bar for each day. */
function Days({ totals }: { totals: readonly UsageTotal[] }) {
  const used = new Map(
    totals.flatMap(({ period, startsOn, gpuSeconds }) => (period === 'day' ? [[startsOn, gpuSeconds]] : [])),
  )
  const most = Math.max(...used.values(), 0)
  if (most === 0 || used.size < 2) return null
  const shown = Array.from({ length: days }, (_, index) =>
    new Date(Date.now() - (days - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  )
  return (
    <div
      role="img"
      aria-label={`GPU time of the last ${days} days, at most ${gpuTime(most)} a day`}
      className="flex h-10 items-end gap-1"
    >
      {shown.map((day) => {
        const seconds = used.get(day) ?? 0
        return (
          <span
            key={day}
            title={`${day}: ${gpuTime(seconds)}`}
            className={clsx('min-h-0.5 flex-1 rounded-sm', seconds > 0 ? 'bg-accent/60' : 'bg-hover')}
            style={{ height: `${(seconds / most) * 100}%` }}
          />
        )
      })}
    </div>
  )
}

const userUsage = (userId: string) => ({
  queryKey: ['usage', 'user', userId],
  queryFn: () => easel.users.usage(userId, { last: 1 }),
})

function Own({ userId }: { userId: string }) {
  const { data } = useQuery(userUsage(userId))
  const day = data && presentOf(data, 'day')
  if (!day) return null
  return (
    <section className="border-t pt-3">
      <Share
        what="You, in all spaces today:"
        used={day.gpuSeconds}
        held={day.reservedGpuSeconds}
        limit={day.gpuSecondsLimit}
        tell={gpuTime}
        endsAt={day.endsAt}
      />
    </section>
  )
}

/** For admins, when asked for: it is a question for each member. */
function ByPerson({ members }: { members: readonly MemberView[] }) {
  const [shown, setShown] = useState(false)
  const reports = useQueries({ queries: shown ? members.map(({ userId }) => userUsage(userId)) : [] })
  if (!shown) {
    return (
      <Button small className="self-start" onClick={() => setShown(true)}>
        By person
      </Button>
    )
  }
  return (
    <section aria-label="By person" className="flex flex-col gap-1 border-t pt-3 text-sm">
      <h3 className="font-medium">By person, in all spaces this month</h3>
      <ul className="flex flex-col gap-1">
        {members.map(({ userId, name }, index) => {
          const month = reports[index]?.data && presentOf(reports[index].data, 'month')
          return (
            <li key={userId} className="flex justify-between gap-3">
              <span className="truncate" dir="auto" title={name}>
                {name}
              </span>
              <span className="nums shrink-0 text-ink-2">{month ? gpuTime(month.gpuSeconds) : '…'}</span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
