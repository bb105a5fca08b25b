import clsx from 'clsx'
import { useEffect, useId, useRef, useState } from 'react'
import { bareControl, control } from '../../ui/field.tsx'

/** A text that is saved when its writer leaves it; until then nobody else's word goes over it. */
export function SavedText({
  label,
  value,
  placeholder,
  readOnly,
  rows,
  maxLength,
  onSave,
}: {
  label: string
  value: string
  placeholder?: string
  readOnly: boolean
  /** Left out: a single line. */
  rows?: number
  maxLength?: number
  onSave: (text: string) => void
}) {
  const id = useId()
  const [written, setWritten] = useState(value)
  const [writing, setWriting] = useState(false)
  useEffect(() => {
    if (!writing) setWritten(value)
  }, [value, writing])
  const leave = () => {
    setWriting(false)
    if (written.trim() !== value) onSave(written.trim())
  }
  const unsaved = useRef<() => void>(undefined)
  useEffect(() => {
    unsaved.current = writing ? leave : undefined
  })
  // Who closes the view leaves the field, too.
  useEffect(() => () => unsaved.current?.(), [])
  const shared = {
    id,
    value: written,
    readOnly,
    placeholder,
    maxLength,
    dir: 'auto',
    onFocus: () => setWriting(!readOnly),
    onBlur: leave,
  } as const
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {rows === undefined ? (
        <input
          {...shared}
          className={control}
          onChange={({ target }) => setWritten(target.value)}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
      ) : (
        <textarea
          {...shared}
          rows={rows}
          className={clsx(bareControl, 'resize-y py-1.5')}
          onChange={({ target }) => setWritten(target.value)}
        />
      )}
    </div>
  )
}
