import { Eye, EyeOff } from 'lucide-react'
import clsx from 'clsx'
import { useId, useState } from 'react'
import { control } from './field.tsx'
import type { InputHTMLAttributes, ReactNode } from 'react'

/** A password, hidden until it is asked to be shown. */
export function PasswordField({
  label,
  hint,
  error,
  ...rest
}: { label: string; hint?: ReactNode; error?: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  const [shown, setShown] = useState(false)
  const Icon = shown ? EyeOff : Eye
  const note = error ?? hint
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          {...rest}
          type={shown ? 'text' : 'password'}
          spellCheck={false}
          autoCapitalize="off"
          aria-invalid={error !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          className={clsx(control, 'pr-10')}
        />
        <button
          type="button"
          aria-pressed={shown}
          aria-label="Show it"
          onClick={() => setShown(!shown)}
          className="absolute inset-y-0 right-0 grid w-10 place-items-center rounded-control text-ink-3 hover:text-ink"
        >
          <Icon size={16} aria-hidden />
        </button>
      </div>
      {note !== undefined && (
        <p id={`${id}-note`} className={clsx('text-sm', error === undefined ? 'text-ink-2' : 'text-bad')}>
          {note}
        </p>
      )}
    </div>
  )
}
