import { useMutation, useQuery } from '@tanstack/react-query'
import { CopyCheck, FolderCheck } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { useRights } from '../../api/rights.ts'
import { bytes, count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { typeNames } from './models-words.ts'
import type { DuplicateView, MisplacedFile } from '@easel/client'
import type { Go } from './models-search.ts'

/** Contents that take their place more than once. */
export function Duplicates({ go }: { go: Go }) {
  const { admin } = useRights()
  const { data, error, refetch } = useQuery({
    queryKey: ['library', 'duplicates'],
    queryFn: () => easel.library.duplicates({ limit: 200 }),
  })
  const adopt = useAdopt()
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
    <Panel
      title="The same content more than once"
      actions={
        admin && (
          <Button small disabled={adopt.isPending} onClick={() => adopt.mutate(data.items.flatMap(pathsOf))}>
            Keep each once
          </Button>
        )
      }
    >
      <p className="border-b px-4 py-2.5 text-sm text-ink-2">
        {admin
          ? 'Kept once, every name stays where it is and leads to the same content.'
          : 'An administrator can keep each content once: every name stays where it is.'}
      </p>
      <ul className="divide-y">
        {data.items.map((item) => (
          <li key={item.sha256} className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-2.5">
            <div className="min-w-0 flex-1 basis-64">
              <p className="truncate font-medium" dir="auto" title={item.name}>
                {item.name}
              </p>
              <ul className="text-sm text-ink-2">
                {item.copies.map(({ id, path, root, links }) => (
                  <li key={id}>
                    <button
                      type="button"
                      className="max-w-full truncate text-left hover:text-accent hover:underline"
                      title={root === '' ? path : `${root}/${path}`}
                      onClick={() => go({ file: id }, false)}
                    >
                      {path}
                    </button>
                    {links.length > 0 && ` (and ${count(links.length, 'link')} to it)`}
                  </li>
                ))}
              </ul>
            </div>
            <span className="nums text-sm">{bytes(item.wastedBytes)} could be free</span>
            {admin && (
              <Button small disabled={adopt.isPending} onClick={() => adopt.mutate(pathsOf(item))}>
                Keep it once
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** Only below the models folder itself can files become links. */
const pathsOf = ({ copies }: DuplicateView) =>
  copies.filter(({ root }) => root === '').map(({ path }) => path)

function useAdopt() {
  return useMutation({
    mutationFn: (paths: readonly string[]) => easel.hub.adopt({ paths: [...paths] }),
    onSuccess: ({ items }) => {
      const failed = items.filter(({ outcome }) => outcome === 'failed' || outcome === 'skipped')
      tell(`${bytes(items.reduce((sum, { bytesFreed }) => sum + bytesFreed, 0))} are free again`, {
        ...(failed.length > 0 && {
          description: `${count(failed.length, 'file')} stayed as before: ${failed[0]?.problem ?? failed[0]?.path}`,
        }),
      })
      void queries.invalidateQueries({ queryKey: ['library'] })
      void queries.invalidateQueries({ queryKey: ['hub'] })
    },
    onError: tellError,
  })
}

/** Files that ComfyUI would not look for where they are. */
export function Misplaced({ go }: { go: Go }) {
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
      <p className="border-b px-4 py-2.5 text-sm text-ink-2">
        By their headers these are something else than their folder says: ComfyUI offers them where they do
        not work.
      </p>
      <ul className="divide-y">
        {data.items.map((item) => (
          <MisplacedRow key={item.file.id} item={item} go={go} />
        ))}
      </ul>
    </Panel>
  )
}

function MisplacedRow({
  item: { file, type, suggestedPath, readOnly },
  go,
}: {
  item: MisplacedFile
  go: Go
}) {
  const { admin } = useRights()
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
        <button
          type="button"
          className="block max-w-full truncate text-left font-medium hover:text-accent hover:underline"
          title={file.path}
          onClick={() => go({ file: file.id }, false)}
        >
          {file.path}
        </button>
        <p className="truncate text-sm text-ink-2" title={suggestedPath}>
          {typeNames[type]}, belongs at {suggestedPath}
        </p>
      </div>
      {readOnly ? (
        <span className="text-sm text-ink-2">Its folder is read only</span>
      ) : (
        admin && (
          <Button small disabled={move.isPending} onClick={() => move.mutate()}>
            Move it
          </Button>
        )
      )}
    </li>
  )
}
