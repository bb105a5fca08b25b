import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX, Cpu, FlaskConical } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { meQuery, queries, systemQuery } from '../../api/queries.ts'
import { bytes, count, duration } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Page, Panel, Status } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { isGiven } from '../../lib/given.ts'
import type { PartStatus, PoolView, SystemStatus, WorkerView } from '@easel/client'

export function SystemPage() {
  const { data, error, refetch, isPending } = useQuery(systemQuery)
  return (
    <Page title="System">
      {isPending && <Loading rows={5} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && <Content system={data} />}
    </Page>
  )
}

function Content({ system }: { system: SystemStatus }) {
  const simulators = system.workers.filter(({ simulator }) => simulator)
  return (
    <>
      {simulators.length > 0 && (
        <p className="flex items-start gap-2 rounded-panel border border-warn/50 bg-panel p-3 text-ink">
          <FlaskConical size={18} className="mt-0.5 shrink-0 text-warn" aria-hidden />
          <span>
            {simulators.length === system.workers.length
              ? 'There is no real ComfyUI here: '
              : `${count(simulators.length, 'worker')} of ${system.workers.length}: `}
            jobs run on the simulator. It paints placeholders instead of what a model would make. Set{' '}
            <code>EASEL_COMFYUI_URLS</code> to use your ComfyUI.
          </span>
        </p>
      )}
      <Panel title="Workers">
        {system.workers.length === 0 ? (
          <Empty title="No worker is connected" icon={<Cpu size={28} strokeWidth={1.5} />}>
            Jobs wait until one is. A worker beside a ComfyUI connects by itself.
          </Empty>
        ) : (
          <ul className="divide-y">
            {system.workers.map((worker) => (
              <Worker key={worker.id} worker={worker} />
            ))}
          </ul>
        )}
      </Panel>
      <div className="grid gap-4 lg:grid-cols-2">
        <Panel title="Pools">
          <ul className="divide-y">
            {system.pools.map((pool) => (
              <Pool key={pool.name} pool={pool} />
            ))}
          </ul>
        </Panel>
        <Panel title="Services">
          <ul className="divide-y">
            {system.parts.map((part) => (
              <Part key={part.name} part={part} />
            ))}
          </ul>
          <p className="border-t px-4 py-2.5 text-sm text-ink-2">
            Easel {system.version}, up for {duration(system.uptimeSeconds)}
          </p>
        </Panel>
      </div>
    </>
  )
}

const states: Record<
  WorkerView['state'],
  { name: string; tone: 'good' | 'busy' | 'warn' | 'bad' | 'neutral' }
> = {
  ready: { name: 'Ready', tone: 'good' },
  busy: { name: 'Working', tone: 'busy' },
  starting: { name: 'Starting', tone: 'warn' },
  draining: { name: 'Draining', tone: 'warn' },
  lost: { name: 'Lost', tone: 'bad' },
}

function Worker({ worker }: { worker: WorkerView }) {
  const { data: me } = useSuspenseQuery(meQuery)
  const { state, vramTotal, vramFree, warm } = worker
  const change = useMutation({
    mutationFn: () => (state === 'draining' ? easel.system.resume(worker.id) : easel.system.drain(worker.id)),
    onSuccess: () => {
      tell(
        state === 'draining'
          ? `${worker.id} takes work again`
          : `${worker.id} finishes what it has and takes no more`,
      )
      void queries.invalidateQueries({ queryKey: ['system'] })
    },
    onError: tellError,
  })
  return (
    <li className="grid gap-x-6 gap-y-2 px-4 py-3 md:grid-cols-[minmax(0,2fr)_minmax(0,1.4fr)_auto] md:items-center">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="truncate font-medium" title={worker.id}>
            {worker.id}
          </span>
          <Status tone={states[state].tone}>{states[state].name}</Status>
          {worker.simulator && <Status tone="warn">Simulator</Status>}
        </div>
        <p className="text-sm text-ink-2">
          {[
            worker.gpu ?? 'no GPU named',
            `pool ${worker.pool}`,
            worker.comfyVersion && `ComfyUI ${worker.comfyVersion}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
        <p className="truncate text-sm text-ink-2" title={warm?.join('\n')}>
          {warm && warm.length > 0 ? `Warm: ${warm.join(', ')}` : 'No model in memory'}
        </p>
      </div>
      <div className="flex flex-col gap-1.5 text-sm">
        {isGiven(vramTotal) && isGiven(vramFree) && (
          <>
            <span className="nums text-ink-2">
              {bytes(vramTotal - vramFree)} of {bytes(vramTotal)} GPU memory
            </span>
            <Meter value={vramTotal === 0 ? 0 : 1 - vramFree / vramTotal} label="GPU memory" />
          </>
        )}
        <span className="nums text-ink-2">
          {count(worker.attempts.length, 'job')} on {count(worker.runSlots, 'slot')}
        </span>
      </div>
      {me.role === 'admin' && state !== 'lost' && (
        <Button small disabled={change.isPending} onClick={() => change.mutate()}>
          {state === 'draining' ? 'Take work again' : 'Drain'}
        </Button>
      )}
    </li>
  )
}

function Pool({ pool }: { pool: PoolView }) {
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-2.5">
      <span className="font-medium">{pool.name}</span>
      <span className="nums text-sm text-ink-2">
        {pool.running} running, {pool.queued} waiting
        {isGiven(pool.oldestQueuedSeconds) && `, the oldest for ${duration(pool.oldestQueuedSeconds)}`}
      </span>
      <span className="nums w-full text-sm text-ink-2">
        {pool.ready} of {count(pool.workers, 'worker')} ready
      </span>
    </li>
  )
}

function Part({ part }: { part: PartStatus }) {
  return (
    <li className="flex items-center gap-2.5 px-4 py-2.5">
      {part.ok ? (
        <CircleCheck size={16} className="shrink-0 text-good" aria-label="Well" />
      ) : (
        <CircleX size={16} className="shrink-0 text-bad" aria-label="Not well" />
      )}
      <span className="min-w-0 flex-1">
        <span className="font-medium">{part.name}</span>
        {isGiven(part.error) && <span className="block text-sm text-bad">{part.error}</span>}
      </span>
      <span className="nums text-sm text-ink-2">{Math.round(part.ms)} ms</span>
    </li>
  )
}
