import { Copy } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { copyText } from '../../lib/copy.ts'
import { Button } from '../../ui/button.tsx'
import type { ReactNode } from 'react'

/** Something that is shown here and never again. */
export function SecretOnce({
  what,
  value,
  children,
  onDone,
}: {
  /** `The key`. */
  what: string
  value: string
  children: ReactNode
  onDone: () => void
}) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div ref={box} role="status" className="flex flex-col gap-2 bg-accent-soft p-4">
      <p className="font-medium">{children}</p>
      <div className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 basis-60 rounded-control bg-panel px-2.5 py-2 font-mono text-sm">
          {value}
        </code>
        <Button small icon={<Copy size={14} aria-hidden />} onClick={() => void copyText(value, what)}>
          Copy
        </Button>
        <Button small look="quiet" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  )
}
