import { useMutation, useQuery } from '@tanstack/react-query'
import { ArrowDownToLine, BadgeCheck } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { useRights } from '../../api/rights.ts'
import { queries } from '../../api/queries.ts'
import { ago } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { RefusalOf } from '../downloads/refusal.tsx'
import { useInstall } from './install.ts'
import { Picture } from './picture.tsx'
import { nameOfModel } from './models-search.ts'
import { isGiven } from '../../lib/given.ts'
import type { UpdateView } from '@easel/client'
import type { Go } from './models-search.ts'

export function UpdatesTab({ go }: { go: Go }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['models', 'updates'],
    queryFn: () => easel.models.updates({ limit: 200 }),
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={4} />
  if (data.items.length === 0) {
    return (
      <Empty title="Everything is the newest known" icon={<BadgeCheck size={28} strokeWidth={1.5} />}>
        When something that is installed gets a newer version, it is listed here.
      </Empty>
    )
  }
  return (
    <Panel>
      <ul className="divide-y">
        {data.items.map((update) => (
          <Update key={`${nameOfModel(update.model)} ${update.newest.id}`} update={update} go={go} />
        ))}
      </ul>
    </Panel>
  )
}

function Update({ update: { model, newest, installedVersionName }, go }: { update: UpdateView; go: Go }) {
  const rights = useRights()
  const install = useInstall()
  const dismiss = useMutation({
    mutationFn: () =>
      easel.models.dismissUpdate({
        source: model.source as 'civitai' | 'huggingface',
        modelId: model.id,
        versionId: newest.id,
      }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['models', 'updates'] }),
    onError: tellError,
  })
  return (
    <li className="flex flex-wrap items-center gap-3 px-4 py-2.5">
      <span className="size-12 shrink-0 overflow-hidden rounded-control bg-hover">
        <Picture example={model.image ?? undefined} alt="" width={96} />
      </span>
      <button
        type="button"
        className="min-w-0 flex-1 basis-52 text-left"
        onClick={() => go({ model: nameOfModel(model), version: newest.id }, false)}
      >
        <span className="block truncate font-medium" dir="auto">
          {model.name}
        </span>
        <span className="block truncate text-sm text-ink-2">
          {installedVersionName} → {newest.name}
          {isGiven(newest.publishedAt) && `, ${ago(newest.publishedAt)}`}
        </span>
      </button>
      {rights.fetch && (
        <Button
          small
          icon={<ArrowDownToLine size={15} aria-hidden />}
          disabled={install.isPending || install.isSuccess}
          onClick={() =>
            install.mutate(
              model.source === 'civitai'
                ? { source: 'civitai', versionId: newest.id }
                : { source: 'huggingface', repo: model.id, revision: newest.id },
            )
          }
        >
          {install.isSuccess ? 'Being fetched' : 'Install'}
        </Button>
      )}
      {rights.tend && (
        <Button small look="quiet" disabled={dismiss.isPending} onClick={() => dismiss.mutate()}>
          Not this one
        </Button>
      )}
      {install.error && (
        <div className="basis-full">
          <RefusalOf error={install.error} />
        </div>
      )}
    </li>
  )
}
