import { Dialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import clsx from 'clsx'
import { useRef } from 'react'
import { Button } from './button.tsx'
import type { ReactNode } from 'react'

/** Details over the right of a view, or over all of it on a phone. `name` is read out when it opens. */
export function Sheet({
  name,
  wide,
  onClose,
  children,
}: {
  name: string
  wide?: boolean
  onClose: () => void
  children: ReactNode
}) {
  const popup = useRef<HTMLDivElement>(null)
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0" />
        <Dialog.Popup
          ref={popup}
          initialFocus={popup}
          aria-label={name}
          className={clsx(
            'fixed inset-y-0 right-0 z-40 w-full overflow-x-hidden overflow-y-auto overscroll-contain border-l bg-panel shadow-raised outline-none',
            wide ? 'max-w-6xl' : 'max-w-2xl',
          )}
        >
          <Dialog.Close
            render={
              <Button
                small
                look="quiet"
                className="absolute top-3 right-3 z-10"
                icon={<X size={17} aria-hidden />}
                aria-label="Close"
              />
            }
          />
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
