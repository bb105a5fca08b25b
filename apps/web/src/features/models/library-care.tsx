import { useMutation, useQuery } from '@tanstack/react-query'
import { CopyCheck, FolderCheck } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { bytes } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { typeNames } from './models-search.ts'
import type { MisplacedFile } from '@easel/client'

/** Contents that take their place more than once. */
export function Duplicates() {
  const { data, error, refetch } = useQuery({
    queryKey: ['library', 'duplicates'],
    queryFn: () => easel.library.duplicates({ limit: 200 }),
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={4} />
  if (data.items.length === 0) {
    return (
      <Empty title="Nothing is here twice" icon={<CopyCheck size={28} strokeWidth={1.5} />}>
        Files with equal contents would be listed here. Links to one file count once.
      </Empty>
    )
  }
  return (
    <Panel title="The same content more than once">
      <ul className="divide-y">
        {data.items.map((item) => (
          <li key={item.sha256} className="px-4 py-2.5">
            <p className="flex flex-wrap justify-between gap-x-4 font-medium">
              <span className="min-w-0 truncate" dir="auto">
                {item.name}
              </span>
              <span className="nums">{bytes(item.wastedBytes)} could be free</span>
            </p>
            <ul className="text-sm text-ink-2">
              {item.copies.map(({ id, path, root, links }) => (
                <li key={id} className="truncate" title={`${root}/${path}`}>
                  {path}
                  {links.length > 0 && ` (and ${links.length} links to it)`}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <p className="border-t px-4 py-2.5 text-sm text-ink-2">
        An administrator can keep each content once with <code>easel hub adopt</code>: every name stays.
      </p>
    </Panel>
  )
}

/** Files that ComfyUI would not look for where they are. */
export function Misplaced() {
  const { data, error, refetch } = useQuery({
    queryKey: ['library', 'misplaced'],
    queryFn: () => easel.library.misplaced({ limit: 200 }),
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={4} />
  if (data.items.length === 0) {
    return (
      <Empty title="Every file is where it belongs" icon={<FolderCheck size={28} strokeWidth={1.5} />}>
        A LoRA among the checkpoints would be listed here.
      </Empty>
    )
  }
  return (
    <Panel title="In the wrong folder">
      <ul className="divide-y">
        {data.items.map((item) => (
          <MisplacedRow key={item.file.id} item={item} />
        ))}
      </ul>
    </Panel>
  )
}

function MisplacedRow({ item: { file, type, suggestedPath, readOnly } }: { item: MisplacedFile }) {
  const move = useMutation({
    mutationFn: () => easel.library.move(file.id),
    onSuccess: ({ path }) => {
      tell(`It is now ${path}`)
      void queries.invalidateQueries({ queryKey: ['library'] })
    },
    onError: tellError,
  })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="truncate font-medium" title={file.path}>
          {file.path}
        </p>
        <p className="truncate text-sm text-ink-2" title={suggestedPath}>
          {typeNames[type]}, belongs at {suggestedPath}
        </p>
      </div>
      {readOnly ? (
        <span className="text-sm text-ink-2">Its folder is read only</span>
      ) : (
        <Button small disabled={move.isPending} onClick={() => move.mutate()}>
          Move it
        </Button>
      )}
    </li>
  )
}
