import { formText } from '../../lib/form-text.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'

export function NameDialog({
  title,
  action,
  name = '',
  open,
  onClose,
  onName,
}: {
  title: string
  /** What the button says. */
  action: string
  name?: string
  open: boolean
  onClose: () => void
  onName: (name: string) => void
}) {
  return (
    <Dialog title={title} open={open} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          onClose()
          onName(formText(new FormData(event.currentTarget), 'name').trim())
        }}
      >
        <TextField
          label="Name"
          name="name"
          defaultValue={name}
          required
          pattern=".*\S.*"
          maxLength={100}
          autoFocus
          dir="auto"
        />
        <Button look="primary" type="submit" className="self-end">
          {action}
        </Button>
      </form>
    </Dialog>
  )
}
