import { useMutation } from '@tanstack/react-query'
import { Save } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { withValues } from './form-model.ts'
import type { FormOptions } from './form-options.ts'

/** Keeps the workflow with the values that it has now: as a new version of a saved one, or under a name of its own. */
export function SaveMenu({ draft, update, analysis, session }: FormOptions) {
  const [naming, setNaming] = useState(false)
  const save = useMutation({
    mutationFn: (name?: string) => {
      const graph = withValues(analysis.graph ?? draft.graph, analysis.parameters, draft.values)
      return name === undefined
        ? easel.workflows.update(draft.saved!.id, { graph })
        : easel.workflows.create({ name, graph, spaceId: session.spaceId })
    },
    onSuccess: ({ id, name, version, graph }) => {
      setNaming(false)
      tell(version === 1 ? `“${name}” is saved` : `Version ${version} of “${name}” is saved`)
      void queries.invalidateQueries({ queryKey: ['workflows'] })
      update({ ...draft, name, ...(graph && { graph, values: {} }), saved: { id, version } })
    },
    onError: tellError,
  })
  const button = (
    <Button
      small
      icon={<Save size={15} aria-hidden />}
      disabled={save.isPending}
      {...(!draft.saved && { onClick: () => setNaming(true) })}
    >
      Save
    </Button>
  )
  return (
    <>
      {draft.saved ? (
        <Menu align="end" trigger={button}>
          <MenuItem onSelect={() => save.mutate(undefined)}>
            Save version {draft.saved.version + 1} of “{draft.name}”
          </MenuItem>
          <MenuItem onSelect={() => setNaming(true)}>Save as another …</MenuItem>
        </Menu>
      ) : (
        button
      )}
      <Dialog title="Save this workflow" open={naming} onClose={() => setNaming(false)}>
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate(formText(new FormData(event.currentTarget), 'name').trim())
          }}
        >
          <TextField
            label="Name of the workflow"
            name="name"
            hint="It is kept with the values as they are now, for everybody in this space."
            defaultValue={draft.name}
            required
            pattern=".*\S.*"
            maxLength={200}
            autoFocus
            dir="auto"
          />
          <Button type="submit" look="primary" className="self-end" disabled={save.isPending}>
            {save.isPending ? 'Saving …' : 'Save'}
          </Button>
        </form>
      </Dialog>
    </>
  )
}
