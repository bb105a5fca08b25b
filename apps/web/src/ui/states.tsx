import { CircleAlert, Inbox } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useState } from 'react'
import { wordsOf } from '../api/words.ts'
import { Button } from './button.tsx'
import type { ReactNode } from 'react'

/** What would be here, and how it gets there. */
export function Empty({
  title,
  children,
  icon,
  action,
}: {
  title: string
  children?: ReactNode
  icon?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-14 text-center">
      <span className="text-ink-3" aria-hidden>
        {icon ?? <Inbox size={28} strokeWidth={1.5} />}
      </span>
      <h2 className="text-lg font-medium">{title}</h2>
      {children !== undefined && <div className="max-w-md text-ink-2">{children}</div>}
      {action !== undefined && <div className="mt-2">{action}</div>}
    </div>
  )
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, detail } = wordsOf(error)
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-4 py-14 text-center">
      <CircleAlert size={28} strokeWidth={1.5} className="text-bad" aria-hidden />
      <h2 className="text-lg font-medium">{title}</h2>
      <p className="max-w-md text-ink-2">{detail}</p>
      {retry && (
        <Button className="mt-2" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Grey shapes, and only when it takes long enough to be noticed. */
export function Loading({ rows = 4, className }: { rows?: number; className?: string }) {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div role="status" aria-label="Loading" className={clsx('flex flex-col gap-2', className)}>
      {shown &&
        Array.from({ length: rows }, (_, row) => (
          <div key={row} className="h-14 animate-pulse rounded-panel bg-hover" />
        ))}
    </div>
  )
}
