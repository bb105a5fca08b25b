import { Link } from '@tanstack/react-router'
import clsx from 'clsx'
import type { LinkComponentProps } from '@tanstack/react-router'
import type { ButtonHTMLAttributes, ReactNode } from 'react'

type Look = 'primary' | 'plain' | 'quiet' | 'danger'
type Shape = { look?: Look; small?: boolean; icon?: ReactNode }

const base =
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-control font-medium whitespace-nowrap select-none transition-colors disabled:opacity-50'
const looks: Record<Look, string> = {
  primary: 'bg-accent text-on-accent enabled:hover:bg-accent-hover',
  plain: 'border bg-panel text-ink enabled:hover:bg-hover',
  quiet: 'text-ink-2 enabled:hover:bg-hover enabled:hover:text-ink',
  danger: 'border border-bad/50 text-bad enabled:hover:bg-bad/10',
}

const sizeOf = (small: boolean | undefined, bare: boolean) =>
  small
    ? clsx('h-8 text-sm max-md:h-11', bare ? 'w-8 max-md:w-11' : 'px-2.5')
    : clsx('h-9 max-md:h-11', bare ? 'w-9 max-md:w-11' : 'px-3.5')

/** With only an icon it needs `aria-label`. */
export function Button({
  look = 'plain',
  small,
  icon,
  children,
  className,
  ...rest
}: Shape & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      title={children === undefined ? rest['aria-label'] : undefined}
      {...rest}
      className={clsx(base, looks[look], sizeOf(small, children === undefined), className)}
    >
      {icon}
      {children}
    </button>
  )
}

export function ButtonLink({
  look = 'plain',
  small,
  icon,
  children,
  className,
  ...rest
}: Shape & LinkComponentProps & { children?: ReactNode }) {
  return (
    <Link
      {...rest}
      className={clsx(base, looks[look].replaceAll('enabled:', ''), sizeOf(small, false), className)}
    >
      {icon}
      {children}
    </Link>
  )
}
