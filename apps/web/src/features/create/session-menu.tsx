import { ChevronDown, Images, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { ago, count } from '../../lib/format.ts'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Menu, MenuChoices, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { readDraft } from './draft.ts'
import { deleteSession, renameSession } from './sessions.ts'
import type { SessionView } from '@easel/client'

type SessionMenuProps = {
  sessions: readonly SessionView[]
  current: SessionView | undefined
  onChoose: (id: string | undefined) => void
  onNew: () => void
}

export function SessionMenu({ sessions, current, onChoose, onNew }: SessionMenuProps) {
  const [naming, setNaming] = useState(false)
  const remove = (session: SessionView) => {
    const place = sessions.findIndex(({ id }) => id === session.id)
    const next = sessions[place + 1] ?? sessions[place - 1]
    deleteSession(session, { name: nameOf(session), onUndo: () => onChoose(session.id) })
    if (next) onChoose(next.id)
    else onNew()
  }
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button
            small
            className="max-w-[min(11.5rem,60vw)] sm:max-w-80"
            aria-label={`Session “${current ? nameOf(current) : '…'}”`}
            title={current && nameOf(current)}
            icon={<ChevronDown size={15} className="order-last shrink-0" aria-hidden />}
          >
            <span className="truncate" dir="auto">
              {current ? nameOf(current) : 'Session'}
            </span>
          </Button>
        }
      >
        {current && (
          <>
            <MenuItem icon={<Pencil size={16} aria-hidden />} onSelect={() => setNaming(true)}>
              Rename
            </MenuItem>
            <MenuItem icon={<Trash2 size={16} aria-hidden />} danger onSelect={() => remove(current)}>
              Delete
            </MenuItem>
            <MenuLine />
          </>
        )}
        <MenuChoices
          label="Sessions"
          value={current?.id ?? ''}
          choices={sessions.map((session) => ({ value: session.id, name: <Entry session={session} /> }))}
          onChoose={onChoose}
        />
      </Menu>
      <Button small icon={<Plus size={15} aria-hidden />} aria-label="New session" onClick={onNew} />
      {current && (
        <Dialog title="Rename this session" open={naming} onClose={() => setNaming(false)}>
          <form
            className="flex flex-col gap-4"
            onSubmit={(event) => {
              event.preventDefault()
              setNaming(false)
              void renameSession(current.id, formText(new FormData(event.currentTarget), 'title').trim())
            }}
          >
            <TextField
              label="Name"
              name="title"
              defaultValue={nameOf(current)}
              required
              pattern=".*\S.*"
              maxLength={200}
              autoFocus
              dir="auto"
            />
            <Button look="primary" type="submit" className="self-end">
              Rename
            </Button>
          </form>
        </Dialog>
      )}
    </>
  )
}

/** As the server calls those that nobody has named yet. */
const untitled = 'New session'

/** Until it has a name of its own it is called after its workflow. */
const nameOf = (session: SessionView): string =>
  session.title === untitled ? (readDraft(session)?.name ?? 'Untitled') : session.title

function Entry({ session }: { session: SessionView }) {
  const { thumbnailUrl, assetCount, updatedAt } = session
  return (
    <span className="flex items-center gap-2.5 py-0.5">
      {thumbnailUrl ? (
        <img
          src={thumbnailUrl}
          alt=""
          loading="lazy"
          className="size-9 shrink-0 rounded-control bg-inset object-cover"
        />
      ) : (
        <span
          className="grid size-9 shrink-0 place-items-center rounded-control bg-inset text-ink-3"
          aria-hidden
        >
          <Images size={15} />
        </span>
      )}
      <span className="min-w-0">
        <span className="line-clamp-1" dir="auto">
          {nameOf(session)}
        </span>
        <span className="block text-xs text-ink-2">
          {ago(updatedAt)}
          {assetCount > 0 && `, ${count(assetCount, 'result')}`}
        </span>
      </span>
    </span>
  )
}
