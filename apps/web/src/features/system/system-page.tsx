import { useSuspenseQuery } from '@tanstack/react-query'
import { FlaskConical, RotateCw } from 'lucide-react'
import { meQuery } from '../../api/queries.ts'
import { count, ago } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { Button } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { Parts } from './parts.tsx'
import { Pools } from './pools.tsx'
import { Storage } from './storage.tsx'
import { useLiveSystem } from './use-live-system.ts'
import { Workers } from './workers.tsx'
import type { SystemStatus } from '@easel/client'

export function SystemPage() {
  const { data, error, refetch, isPending, isFetching, dataUpdatedAt } = useLiveSystem()
  return (
    <Page
      title="System"
      wide
      actions={
        data && (
          <>
            <Checked at={dataUpdatedAt} />
            <Button
              small
              icon={<RotateCw size={15} aria-hidden />}
              disabled={isFetching}
              onClick={() => void refetch()}
            >
              Check again
            </Button>
          </>
        )
      }
    >
      {isPending && <Loading rows={5} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && <Content system={data} />}
    </Page>
  )
}

function Checked({ at }: { at: number }) {
  const now = useNow(10_000)
  return <span className="text-sm text-ink-3">checked {ago(new Date(at).toISOString(), now)}</span>
}

function Content({ system }: { system: SystemStatus }) {
  const { data: me } = useSuspenseQuery(meQuery)
  return (
    <>
      <Simulators system={system} />
      <div className="grid grid-cols-1 items-start gap-4 min-[1200px]:grid-cols-[minmax(0,1fr)_24rem]">
        <Workers workers={system.workers} />
        <div className="flex min-w-0 flex-col gap-4">
          <Pools pools={system.pools} />
          <Parts system={system} />
          {me.role === 'admin' && <Storage />}
        </div>
      </div>
    </>
  )
}

function Simulators({ system: { workers } }: { system: SystemStatus }) {
  const simulators = workers.filter(({ simulator }) => simulator)
  if (simulators.length === 0) return null
  return (
    <p className="flex items-start gap-2 rounded-panel border border-warn/50 bg-panel p-3 text-ink">
      <FlaskConical size={18} className="mt-0.5 shrink-0 text-warn" aria-hidden />
      <span>
        {simulators.length === workers.length
          ? 'There is no real ComfyUI here: '
          : `${count(simulators.length, 'worker')} of ${workers.length}: `}
        jobs run on the simulator. It paints placeholders instead of what a model would make. Set{' '}
        <code>EASEL_COMFYUI_URLS</code> to use your ComfyUI.
      </span>
    </p>
  )
}
