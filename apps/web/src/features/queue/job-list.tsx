import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { JobRow } from './job-row.tsx'
import type { KeyboardEvent } from 'react'
import type { JobView } from '@easel/client'

type ListProps = {
  title: string
  jobs: readonly JobView[]
  /** When the server said so, by this page's clock; for what counts down. */
  readAt?: number
  now?: number
  open: string | undefined
  onToggle: (id: string) => void
  nameOf: (userId: string) => string | undefined
  canWrite: boolean
  /** More of it is at the server. */
  more?: { name: string; isLoading: boolean; load: () => void } | undefined
}

export function JobList({ title, jobs, readAt, now, more, ...row }: ListProps) {
  const aged = readAt === undefined || now === undefined ? 0 : Math.max(0, Math.round((now - readAt) / 1_000))
  return (
    <Panel
      title={title}
      actions={
        <span className="nums text-sm text-ink-3">
          {more ? `${jobs.length} and more` : count(jobs.length, 'job')}
        </span>
      }
      className="overflow-hidden"
    >
      <ul className="divide-y" aria-label={title} onKeyDown={walk}>
        {jobs.map((job) => (
          <JobRow
            key={job.id}
            job={job}
            isOpen={row.open === job.id}
            onToggle={row.onToggle}
            who={row.nameOf(job.createdBy)}
            canWrite={row.canWrite}
            agedSeconds={aged}
          />
        ))}
      </ul>
      {more && (
        <div className="flex justify-center border-t p-2">
          <Button small look="quiet" disabled={more.isLoading} onClick={more.load}>
            {more.isLoading ? 'Loading …' : more.name}
          </Button>
        </div>
      )}
    </Panel>
  )
}

/** Up and down go from row to row. */
function walk(event: KeyboardEvent<HTMLUListElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[aria-expanded]')]
  const next = rows[rows.indexOf(event.target as HTMLElement) + step]
  if (step === 0 || !rows.includes(event.target as HTMLElement) || !next) return
  event.preventDefault()
  next.focus()
}
