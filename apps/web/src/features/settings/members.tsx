import { useMutation, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { easel, readSpace, writeSpace } from '../../api/easel.ts'
import { meQuery, queries } from '../../api/queries.ts'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { faultOf } from './profile.tsx'
import type { FormEvent } from 'react'
import type { MemberView } from '@easel/client'

type Role = MemberView['role']

const roleNames: Record<Role, string> = { owner: 'Owner', editor: 'Editor', viewer: 'Viewer' }

type MembersProps = { spaceId: string; canManage: boolean }

/** Who is in a space. Owners and admins say so; everybody may leave. */
export function Members({ spaceId, canManage }: MembersProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['members', spaceId],
    queryFn: () => easel.spaces.members(spaceId),
    staleTime: 0,
  })
  return (
    <Panel title="Members">
      {canManage && <AddMember spaceId={spaceId} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={2} className="p-4" />}
      <ul className="divide-y" aria-label="Members">
        {data?.items.map((member) => (
          <Member key={member.userId} member={member} spaceId={spaceId} canManage={canManage} />
        ))}
      </ul>
      <p className="border-t px-4 py-2.5 text-sm text-ink-2">
        Owners say who is in it, editors run jobs and change things, viewers look.
      </p>
    </Panel>
  )
}

const readAgain = (spaceId: string) => void queries.invalidateQueries({ queryKey: ['members', spaceId] })

function AddMember({ spaceId }: { spaceId: string }) {
  const add = useMutation({
    mutationFn: ({ email, role }: { email: string; role: Role }) =>
      easel.spaces.addMember(spaceId, { email, role }),
    onSuccess: ({ name }) => {
      tell(`${name} is a member now`)
      readAgain(spaceId)
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const fields = new FormData(form)
    const member = { email: formText(fields, 'email').trim(), role: formText(fields, 'role') as Role }
    add.mutate(member, { onSuccess: () => form.reset() })
  }
  return (
    <form
      onSubmit={submit}
      className="grid items-start gap-3 border-b p-4 sm:grid-cols-[minmax(0,1fr)_9rem_auto]"
    >
      <TextField
        label="E-mail of a user"
        name="email"
        type="email"
        required
        hint="Of somebody who has an account here."
        {...faultOf(add.error)}
      />
      <SelectField label="Role" name="role" defaultValue="editor">
        {Object.entries(roleNames).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      <Button type="submit" className="sm:mt-[1.375rem]" disabled={add.isPending}>
        Add
      </Button>
    </form>
  )
}

function Member({ member, spaceId, canManage }: MembersProps & { member: MemberView }) {
  const { data: me } = useSuspenseQuery(meQuery)
  const isMe = member.userId === me.id
  const change = useMutation({
    mutationFn: (role: Role) => easel.spaces.updateMember(spaceId, member.userId, role),
    onSuccess: ({ name, role }) =>
      tell(`${name} is ${role === 'editor' || role === 'owner' ? 'an' : 'a'} ${role} now`),
    onError: tellError,
    onSettled: () => readAgain(spaceId),
  })
  const remove = useMutation({
    mutationFn: () => easel.spaces.removeMember(spaceId, member.userId),
    onSuccess: () => {
      if (isMe && readSpace() !== undefined && me.role !== 'admin') {
        writeSpace(undefined)
        return location.assign('/')
      }
      tell(`${member.name} is no longer a member`)
      readAgain(spaceId)
    },
    onError: tellError,
  })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-40">
        <p className="truncate font-medium" title={member.name} dir="auto">
          {member.name}
          {isMe && <span className="font-normal text-ink-2"> (you)</span>}
        </p>
        <p className="truncate text-sm text-ink-2">{member.email}</p>
      </div>
      {canManage ? (
        <select
          aria-label={`Role of ${member.name}`}
          value={member.role}
          disabled={change.isPending}
          onChange={({ target }) => change.mutate(target.value as Role)}
          className="h-8 rounded-control border bg-panel px-2 text-sm hover:bg-hover max-md:h-11"
        >
          {Object.entries(roleNames).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      ) : (
        <span className="text-sm text-ink-2">{roleNames[member.role]}</span>
      )}
      {(canManage || isMe) && (
        <Confirm
          trigger={
            <Button small look="quiet" disabled={remove.isPending}>
              {isMe ? 'Leave' : 'Remove'}
            </Button>
          }
          title={isMe ? 'Leave this space?' : `Remove ${member.name}?`}
          action={isMe ? 'Leave' : 'Remove'}
          onConfirm={() => remove.mutate()}
        >
          {isMe
            ? 'You no longer see what is in it. What you made stays there.'
            : 'They no longer see what is in it, at once. What they made stays.'}
        </Confirm>
      )}
    </li>
  )
}
