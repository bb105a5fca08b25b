import { useInfiniteQuery } from '@tanstack/react-query'
import { EllipsisVertical, Pencil, Trash2, Workflow } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { ago } from '../../lib/format.ts'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { Panel } from '../../ui/page.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { Failure } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { checkWorkflow } from './check-workflow.ts'
import type { WorkflowView } from '@easel/client'
import type { Picked } from './read-workflow.ts'

const pageSize = 50
/** From so many on they are searched. */
const many = 8

export function SavedWorkflows({ onPick }: { onPick: (work: () => Promise<Picked>) => void }) {
  const [q, setQ] = useState('')
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['workflows', q],
    queryFn: ({ pageParam }) =>
      easel.workflows.list({
        limit: pageSize,
        ...(q !== '' && { q }),
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
  })
  const workflows = data?.pages.flatMap(({ items }) => items)
  if (error && !workflows) return <Failure error={error} retry={() => void refetch()} />
  if (!workflows) return null
  return (
    <Panel title="Saved workflows">
      {(workflows.length >= many || q !== '') && (
        <div className="flex border-b p-2">
          <SearchBox label="Search saved workflows" placeholder="Name …" value={q} onChange={setQ} />
        </div>
      )}
      {workflows.length === 0 ? (
        <p className="px-4 py-6 text-ink-2">
          {q === '' ? 'None yet. One that is open can be saved with a name.' : 'None has this name.'}
        </p>
      ) : (
        <ul className="max-h-96 divide-y overflow-y-auto">
          {workflows.map((workflow) => (
            <Saved key={workflow.id} workflow={workflow} onPick={() => onPick(() => open(workflow.id))} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <div className="border-t px-2 py-1.5">
          <Button small look="quiet" onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Panel>
  )
}

async function open(id: string): Promise<Picked> {
  const { graph, name, version } = await easel.workflows.get(id)
  if (!graph) throw new Error('This workflow has no graph.')
  return checkWorkflow({ graph, name, saved: { id, version } })
}

function Saved({ workflow, onPick }: { workflow: WorkflowView; onPick: () => void }) {
  const { id, name, version, updatedAt } = workflow
  const [doing, setDoing] = useState<'renaming' | 'deleting'>()
  const act = async (work: () => Promise<unknown>, said: string) => {
    setDoing(undefined)
    try {
      await work()
      tell(said)
    } catch (error) {
      tellError(error)
    }
    void queries.invalidateQueries({ queryKey: ['workflows'] })
  }
  return (
    <li className="flex items-center pr-1 hover:bg-hover">
      <button
        type="button"
        onClick={onPick}
        className="flex min-h-11 min-w-0 flex-1 items-center gap-3 px-4 py-2 text-left -outline-offset-2"
      >
        <Workflow size={16} className="shrink-0 text-ink-3" aria-hidden />
        <span className="min-w-0 flex-1 truncate font-medium" dir="auto">
          {name}
        </span>
        {version > 1 && <span className="nums shrink-0 text-sm text-ink-2">version {version}</span>}
        <span className="shrink-0 text-sm text-ink-2">{ago(updatedAt)}</span>
      </button>
      <Menu
        align="end"
        trigger={
          <Button
            small
            look="quiet"
            icon={<EllipsisVertical size={16} aria-hidden />}
            aria-label={`More of ${name}`}
          />
        }
      >
        <MenuItem icon={<Pencil size={16} aria-hidden />} onSelect={() => setDoing('renaming')}>
          Rename
        </MenuItem>
        <MenuItem icon={<Trash2 size={16} aria-hidden />} danger onSelect={() => setDoing('deleting')}>
          Delete
        </MenuItem>
      </Menu>
      <Dialog title="Rename this workflow" open={doing === 'renaming'} onClose={() => setDoing(undefined)}>
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            const next = formText(new FormData(event.currentTarget), 'name').trim()
            void act(() => easel.workflows.update(id, { name: next }), `It is “${next}” now`)
          }}
        >
          <TextField
            label="Name"
            name="name"
            defaultValue={name}
            required
            pattern=".*\S.*"
            maxLength={200}
            autoFocus
            dir="auto"
          />
          <Button type="submit" look="primary" className="self-end">
            Rename
          </Button>
        </form>
      </Dialog>
      <Dialog title={`Delete “${name}”?`} open={doing === 'deleting'} onClose={() => setDoing(undefined)}>
        <p className="text-ink-2">
          All its versions go, for everybody in this space. What was made with it stays.
        </p>
        <div className="mt-4 flex justify-end gap-2">
          <Button look="quiet" autoFocus onClick={() => setDoing(undefined)}>
            Not now
          </Button>
          <Button
            look="danger"
            onClick={() => void act(() => easel.workflows.delete(id), `“${name}” is deleted`)}
          >
            Delete
          </Button>
        </div>
      </Dialog>
    </li>
  )
}
