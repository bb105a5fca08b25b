import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { easel, writeSpace } from '../../api/easel.ts'
import { meQuery, queries, spacesQuery } from '../../api/queries.ts'
import { useSpace } from '../../api/space.ts'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/page.tsx'
import { tell } from '../../ui/toasts.tsx'
import { Members } from './members.tsx'
import { faultOf } from './profile.tsx'
import type { FormEvent } from 'react'
import type { CurrentSpace } from '../../api/space.ts'

export function SpacePart() {
  const { data: me } = useSuspenseQuery(meQuery)
  const space = useSpace()
  return (
    <>
      <Name key={space.id} space={space} />
      {space.personal ? (
        <p className="max-w-prose text-ink-2">
          This is your personal space: what is in it only you see, and administrators. To work with others
          make a space of its own; the menu of spaces switches between them.
        </p>
      ) : (
        <Members spaceId={space.id} canManage={space.canManage} />
      )}
      {me.role !== 'viewer' && <NewSpace />}
    </>
  )
}

function Name({ space }: { space: CurrentSpace }) {
  const { data } = useQuery(spacesQuery)
  const known = data?.items.find(({ id }) => id === space.id)
  const save = useMutation({
    mutationFn: (name: string) => easel.spaces.rename(space.id, name),
    onSuccess: () => {
      tell('The name is saved')
      void queries.invalidateQueries({ queryKey: spacesQuery.queryKey })
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    save.mutate(formText(new FormData(event.currentTarget), 'name').trim())
  }
  return (
    <Panel>
      <form onSubmit={submit} className="flex max-w-lg flex-col gap-4 p-4">
        <TextField
          key={known?.name}
          label="Name of the space"
          name="name"
          dir="auto"
          defaultValue={space.name}
          disabled={!space.canManage}
          required
          maxLength={100}
          hint={
            <>
              Short name for programs (<code>X-Space</code>): <code>{known?.slug ?? '…'}</code>
            </>
          }
          {...faultOf(save.error)}
        />
        {space.canManage && (
          <Button type="submit" className="self-start" disabled={save.isPending}>
            Save
          </Button>
        )}
      </form>
    </Panel>
  )
}

function NewSpace() {
  const [open, setOpen] = useState(false)
  const make = useMutation({
    mutationFn: (name: string) => easel.spaces.create({ name }),
    onSuccess: ({ id }) => {
      // A tab works in one space from its first call on.
      writeSpace(id)
      location.assign('/settings?part=space')
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    make.mutate(formText(new FormData(event.currentTarget), 'name').trim())
  }
  return (
    <>
      <Button className="self-start" icon={<Plus size={16} aria-hidden />} onClick={() => setOpen(true)}>
        New space
      </Button>
      <Dialog title="New space" open={open} onClose={() => setOpen(false)}>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <TextField
            label="Name"
            name="name"
            dir="auto"
            required
            maxLength={100}
            autoFocus
            hint="Of a team or a project. You own it and invite the others."
            {...faultOf(make.error)}
          />
          <Button type="submit" look="primary" className="self-end" disabled={make.isPending}>
            Make it
          </Button>
        </form>
      </Dialog>
    </>
  )
}
