import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { meQuery, queries } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/page.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import type { FormEvent } from 'react'
import type { Me, UpdateMe } from '@easel/client'

const roles: Record<Me['role'], string> = {
  admin: 'You are an administrator: you see every space, and may change everything.',
  member: 'You are a member: you work in your own space and in those you are invited to.',
  viewer: 'You are a viewer: you look at what others make.',
}

export const nsfwNames: Record<Me['maxNsfw'], string> = {
  pg: 'Only what everybody may see (PG)',
  pg13: 'Up to PG-13',
  r: 'Up to R',
  x: 'Up to X',
  xxx: 'Everything (XXX)',
}

/** What failed, beneath the field that it is about. */
export const faultOf = (error: unknown) =>
  error === null || error === undefined ? {} : { error: wordsOf(error).detail }

const useUpdate = (said: string) =>
  useMutation({
    mutationFn: (change: UpdateMe) => easel.auth.update(change),
    onSuccess: (changed) => {
      queries.setQueryData(meQuery.queryKey, changed)
      tell(said)
    },
  })

export function Profile() {
  const { data: me } = useSuspenseQuery(meQuery)
  const save = useUpdate('Your name is saved')
  const level = useUpdate('It holds from the next search on')
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    save.mutate({ name: formText(new FormData(event.currentTarget), 'name').trim() })
  }
  const choose = (maxNsfw: Me['maxNsfw']) =>
    level.mutate(
      { maxNsfw },
      {
        onSuccess: () => void queries.invalidateQueries({ queryKey: ['models'] }),
        onError: tellError,
      },
    )
  return (
    <>
      <Panel>
        <form onSubmit={submit} className="flex max-w-lg flex-col gap-4 p-4">
          <TextField
            label="Name"
            name="name"
            dir="auto"
            defaultValue={me.name}
            required
            maxLength={100}
            autoComplete="name"
            {...faultOf(save.error)}
          />
          <TextField label="E-mail" value={me.email} readOnly disabled hint={roles[me.role]} />
          <Button type="submit" className="self-start" disabled={save.isPending}>
            Save
          </Button>
        </form>
      </Panel>
      <Panel>
        <div className="max-w-lg p-4">
          <SelectField
            label="Pictures of models"
            value={me.maxNsfw}
            disabled={level.isPending}
            onChange={({ target }) => choose(target.value as Me['maxNsfw'])}
            hint="What example pictures of models may show. A search can ask for less or more by itself."
          >
            {Object.entries(nsfwNames).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </SelectField>
        </div>
      </Panel>
    </>
  )
}
