import { useQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { ago, bytes, count } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Meter, Panel } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'

/** The disk under the models: for admins, as the hub is. */
export function Storage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['hub', 'status'],
    queryFn: () => easel.hub.status(),
    staleTime: 0,
  })
  return (
    <Panel title="Models on disk">
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={1} className="p-4" />}
      {data && (
        <div className="nums flex flex-col gap-2 p-4 text-sm">
          <p className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span>
              <span className="text-lg font-medium">{bytes(data.bytes)}</span>{' '}
              <span className="text-ink-2">in {count(data.files, 'file')}</span>
            </span>
            {isGiven(data.freeBytes) && <span className="text-ink-2">{bytes(data.freeBytes)} free</span>}
          </p>
          {isGiven(data.freeBytes) && data.bytes + data.freeBytes > 0 && (
            <Meter
              value={data.bytes / (data.bytes + data.freeBytes)}
              label="Of the disk"
              tone={data.freeBytes < 10e9 ? 'warn' : 'accent'}
            />
          )}
          {data.bytesLinked > data.bytes && (
            <p className="text-ink-2">
              {bytes(data.bytesLinked - data.bytes)} are saved: each content is kept once.
            </p>
          )}
          {isGiven(data.budgetBytes) && (
            <p className="text-ink-2">Its budget is {bytes(data.budgetBytes)}.</p>
          )}
          {data.bad > 0 && <p className="text-bad">{count(data.bad, 'file')} not as they should be.</p>}
          <p className="text-ink-3">
            {data.verifying
              ? 'All contents are being checked now.'
              : isGiven(data.verifiedAt)
                ? `All contents were checked ${ago(data.verifiedAt)}.`
                : 'The contents have not been checked yet.'}
          </p>
        </div>
      )}
    </Panel>
  )
}
