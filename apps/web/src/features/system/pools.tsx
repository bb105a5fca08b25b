import { duration } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Panel, Status } from '../../ui/page.tsx'
import type { PoolView } from '@easel/client'

export function Pools({ pools }: { pools: readonly PoolView[] }) {
  return (
    <Panel title="Pools">
      {pools.length === 0 && <p className="p-4 text-ink-2">There is none: no worker has ever joined.</p>}
      <ul className="divide-y" aria-label="Pools">
        {pools.map((pool) => (
          <Pool key={pool.name} pool={pool} />
        ))}
      </ul>
    </Panel>
  )
}

function Pool({ pool }: { pool: PoolView }) {
  const { name, ready, workers, queued, running, oldestQueuedSeconds } = pool
  const isStuck = queued > 0 && ready === 0
  return (
    <li className="flex flex-col gap-1.5 px-4 py-3">
      <div className="flex items-baseline justify-between gap-3">
        <h3 className="min-w-0 truncate font-medium" title={name}>
          {name}
        </h3>
        <Status tone={ready === 0 ? 'bad' : ready < workers ? 'warn' : 'good'}>
          {ready} of {workers} ready
        </Status>
      </div>
      <dl className="nums grid grid-cols-3 gap-2 text-sm">
        <Figure name="running" value={String(running)} />
        <Figure name="waiting" value={String(queued)} />
        <Figure
          name="longest wait"
          value={isGiven(oldestQueuedSeconds) && queued > 0 ? duration(oldestQueuedSeconds) : '–'}
        />
      </dl>
      {isStuck && <p className="text-sm text-bad">What waits here begins when a worker is ready.</p>}
    </li>
  )
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-ink-3">{name}</dt>
      <dd className="text-lg font-medium">{value}</dd>
    </div>
  )
}
