import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import clsx from 'clsx'
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

const told = new Set<string>()

/** Something did not work: it stays until it is read. The same is not told twice at once. */
export function tellError(error: unknown): void {
  const { title, detail } = wordsOf(error)
  const words = `${title} ${detail}`
  if (told.has(words)) return
  told.add(words)
  manager.add({
    title,
    description: detail,
    type: 'error',
    timeout: 0,
    priority: 'high',
    onClose: () => void told.delete(words),
  })
}

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager} limit={4}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed inset-x-4 bottom-[calc(4.5rem+env(safe-area-inset-bottom))] z-50 flex flex-col gap-2 outline-none md:right-6 md:bottom-6 md:left-auto md:w-96">
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
        <Toast.Title className={clsx('font-medium', toast.type === 'error' && 'text-bad')} />
        <Toast.Description className="line-clamp-6 text-sm text-ink-2" />
      </div>
      {toast.actionProps && (
        <Toast.Action className="-my-1 min-h-8 rounded-control px-2 font-medium text-accent hover:bg-hover max-md:-my-2.5 max-md:min-h-11" />
      )}
      <Toast.Close
        aria-label="Dismiss"
        className="-m-1 grid size-8 shrink-0 place-items-center rounded-control text-ink-2 hover:bg-hover hover:text-ink max-md:-m-2.5 max-md:size-11"
      >
        <X size={16} aria-hidden />
      </Toast.Close>
    </Toast.Root>
  ))
}
