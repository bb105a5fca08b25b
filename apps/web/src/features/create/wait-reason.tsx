import { useQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { waitingAdvice } from '../queue/error-words.ts'

/** That others are before it, or that it is next, stands in its line already. */
const said = new Set(['NEXT', 'OTHERS_FIRST', 'RUNNING', 'BOUND'])

/** What else a job waits for, in words. */
export function WaitReason({ id }: { id: string }) {
  const { data } = useQuery({
    queryKey: ['jobs', 'explain', id],
    queryFn: () => easel.jobs.explain(id),
  })
  const reasons = data?.reasons.filter(({ code }) => !said.has(code)) ?? []
  if (reasons.length === 0) return null
  return (
    <ul className="flex flex-col gap-1 border-t px-3 py-2 text-sm" aria-label="Why it waits">
      {reasons.slice(0, 3).map(({ code, message }) => (
        <li key={`${code} ${message}`}>
          {message}.
          {waitingAdvice[code] !== undefined && <span className="text-ink-2"> {waitingAdvice[code]}</span>}
        </li>
      ))}
    </ul>
  )
}
