import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import { wordsOf } from '../api/words.ts'
import type { ReactNode } from 'react'

const manager = Toast.createToastManager()

/** Something was done. `undo` is offered for as long as it shows. */
export function tell(
  title: string,
  { description, undo }: { description?: string; undo?: () => void } = {},
): void {
  const id = manager.add({
    title,
    ...(description !== undefined && { description }),
    ...(undo && {
      timeout: 10_000,
      actionProps: {
        children: 'Undo',
        onClick: () => {
          manager.close(id)
          undo()
        },
      },
    }),
  })
}

/** Something did not work: it stays until it is read. */
export function tellError(error: unknown): void {
  const { title, detail } = wordsOf(error)
  manager.add({ title, description: detail, type: 'error', timeout: 0, priority: 'high' })
}

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed inset-x-4 bottom-20 z-50 flex flex-col gap-2 md:right-6 md:bottom-6 md:left-auto md:w-96">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="flex items-start gap-3 rounded-panel border bg-raised p-3 shadow-raised transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0"
    >
      <div className="min-w-0 flex-1">
        <Toast.Title className={toast.type === 'error' ? 'font-medium text-bad' : 'font-medium'} />
        <Toast.Description className="text-sm text-ink-2" />
      </div>
      {toast.actionProps && (
        <Toast.Action className="rounded-control px-2 py-1 font-medium text-accent hover:bg-hover" />
      )}
      <Toast.Close
        aria-label="Dismiss"
        className="rounded-control p-1 text-ink-2 hover:bg-hover hover:text-ink"
      >
        <X size={16} aria-hidden />
      </Toast.Close>
    </Toast.Root>
  ))
}
