import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import clsx from 'clsx'
import { useState } from 'react'
import { Button } from './button.tsx'
import type { ReactElement, ReactNode } from 'react'

const backdrop =
  'fixed inset-0 z-40 bg-black/40 transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0'
const box =
  'fixed inset-x-4 top-[8dvh] z-40 mx-auto max-h-[84dvh] overflow-y-auto rounded-panel border bg-raised shadow-raised transition-opacity outline-none data-[ending-style]:opacity-0 data-[starting-style]:opacity-0'
/** Over the page until it is closed; the focus goes back to where it came from. */
export function Dialog({
  title,
  open,
  onClose,
  children,
}: {
  title: string
  open: boolean
  onClose: () => void
  children: ReactNode
}) {
  return (
    <Base.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={backdrop} />
        <Base.Popup className={clsx(box, 'max-w-lg')}>
          <div className="flex items-start gap-3 px-4 pt-4 pb-2 md:px-5">
            <Base.Title className="min-w-0 flex-1 text-lg font-semibold" dir="auto">
              {title}
            </Base.Title>
            <Base.Close
              render={<Button small look="quiet" icon={<X size={17} aria-hidden />} aria-label="Close" />}
            />
          </div>
          <div className="px-4 pb-4 md:px-5 md:pb-5">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** Asks before something is done that cannot be taken back. The focus is on the way out. */
export function Confirm({
  trigger,
  title,
  children,
  action,
  onConfirm,
}: {
  /** The button that asks. */
  trigger: ReactElement
  title: string
  children?: ReactNode
  /** What the button says that does it. */
  action: string
  onConfirm: () => void
}) {
  const [open, setOpen] = useState(false)
  return (
    <AlertDialog.Root open={open} onOpenChange={setOpen}>
      <AlertDialog.Trigger render={trigger} />
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={backdrop} />
        <AlertDialog.Popup className={clsx(box, 'max-w-md p-5')}>
          <AlertDialog.Title className="text-lg font-semibold" dir="auto">
            {title}
          </AlertDialog.Title>
          {children !== undefined && (
            <AlertDialog.Description render={<div />} className="mt-1 text-ink-2">
              {children}
            </AlertDialog.Description>
          )}
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <AlertDialog.Close render={<Button look="quiet" autoFocus />}>Not now</AlertDialog.Close>
            <Button
              look="danger"
              onClick={() => {
                setOpen(false)
                onConfirm()
              }}
            >
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
