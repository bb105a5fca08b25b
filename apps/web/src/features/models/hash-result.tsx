import { useQuery } from '@tanstack/react-query'
import { EaselError } from '@easel/client'
import { SearchX } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { Panel, Status } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Picture } from './picture.tsx'
import { nameOfModel } from './models-search.ts'
import { sources, typeNames } from './models-words.ts'
import type { Go } from './models-search.ts'

/** Which version of which model a file is, by SHA-256, AutoV2 or AutoV3. */
export function HashResult({ hash, go }: { hash: string; go: Go }) {
  const digest = hash.trim().replace(/^0x/i, '')
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['models', 'hash', digest],
    queryFn: () => easel.models.byHash(digest),
    retry: false,
  })
  if (isPending) return <Loading rows={1} />
  if (error) {
    if (!(error instanceof EaselError) || error.status !== 404)
      return <Failure error={error} retry={() => void refetch()} />
    return (
      <Empty title="Nobody knows a file with this hash" icon={<SearchX size={28} strokeWidth={1.5} />}>
        Neither the library nor CivitAI has it. Was it copied whole?
      </Empty>
    )
  }
  const { model, version, fileId } = data
  const file = version.files.find(({ id }) => id === fileId)
  return (
    <Panel title="The file with this hash">
      <div className="flex flex-wrap items-center gap-4 p-4">
        <span className="size-20 shrink-0 overflow-hidden rounded-control bg-hover">
          <Picture example={model.image ?? undefined} alt="" width={160} />
        </span>
        <div className="min-w-0 flex-1 basis-60">
          <p className="text-lg font-medium" dir="auto">
            {model.name} <span className="text-ink-2">{version.name}</span>
          </p>
          <p className="truncate text-ink-2" title={file?.name}>
            {[typeNames[model.type], `at ${sources[model.source]}`, file?.name].filter(Boolean).join(' · ')}
          </p>
          {version.installed.state === 'installed' && <Status tone="good">Installed</Status>}
        </div>
        <Button look="primary" onClick={() => go({ model: nameOfModel(model), version: version.id }, false)}>
          Look at it
        </Button>
      </div>
    </Panel>
  )
}
