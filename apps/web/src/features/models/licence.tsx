import { Check, CircleAlert, X } from 'lucide-react'
import { isGiven } from '../../lib/given.ts'
import type { LicenceView } from '@easel/client'

/** The catalogue tells it in whole sentences; what is not allowed says "not". */
export function Licence({ licence: { name, terms, url } }: { licence: LicenceView }) {
  if (terms.length === 0 && !isGiven(name)) return null
  return (
    <section>
      <h3 className="mb-1.5 font-medium">
        Licence{isGiven(name) && <span className="font-normal text-ink-2"> {name}</span>}
        {isGiven(url) && /^https?:/.test(url) && (
          <a
            href={url}
            target="_blank"
            rel="noreferrer noopener"
            className="ml-2 text-sm font-normal text-accent underline"
          >
            Its text
          </a>
        )}
      </h3>
      <ul className="flex flex-col gap-1 text-sm">
        {terms.map((term) => (
          <li key={term} className="flex gap-2">
            <Mark term={term} />
            <span className="text-ink-2">{term}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Mark({ term }: { term: string }) {
  const className = 'mt-0.5 shrink-0'
  if (/\bmay not\b/.test(term)) return <X size={14} className={`${className} text-bad`} aria-hidden />
  if (/\bmay\b|\bneed not\b/.test(term)) {
    return <Check size={14} className={`${className} text-good`} aria-hidden />
  }
  return <CircleAlert size={14} className={`${className} text-warn`} aria-hidden />
}
