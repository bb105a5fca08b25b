import { useId } from 'react'
import clsx from 'clsx'
import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes } from 'react'

/** Without its height. */
export const bareControl =
  'w-full min-w-0 rounded-control border border-line-strong/60 bg-inset px-2.5 text-ink placeholder:text-ink-3 disabled:opacity-60 max-md:text-lg aria-invalid:border-bad'
export const control = `h-9 max-md:h-11 ${bareControl}`

type FieldProps = { label: string; hint?: ReactNode; error?: string | undefined }

/** A label, its control, and beneath it what to know or what is wrong. */
function Frame({ id, label, hint, error, children }: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      {error !== undefined ? (
        <p id={`${id}-note`} className="text-sm text-bad">
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <p id={`${id}-note`} className="text-sm text-ink-2">
            {hint}
          </p>
        )
      )}
    </div>
  )
}

const described = (id: string, { hint, error }: FieldProps) =>
  hint === undefined && error === undefined ? {} : { 'aria-describedby': `${id}-note` }

export function TextField({
  label,
  hint,
  error,
  className,
  ...rest
}: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input
        id={id}
        aria-invalid={error !== undefined}
        {...described(id, { label, hint, error })}
        {...rest}
        className={clsx(control, className)}
      />
    </Frame>
  )
}

export function SelectField({
  label,
  hint,
  error,
  children,
  ...rest
}: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId()
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select id={id} {...described(id, { label, hint, error })} {...rest} className={control}>
        {children}
      </select>
    </Frame>
  )
}
