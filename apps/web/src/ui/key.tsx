import type { ReactNode } from 'react'

/** A key, as it looks on the keyboard. */
export function Key({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-grid h-5 min-w-5 place-items-center rounded-[4px] border border-line-strong/60 bg-inset px-1 text-xs text-ink-2">
      {children}
    </kbd>
  )
}
