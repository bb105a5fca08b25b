import { useQuery } from '@tanstack/react-query'
import { Workflow } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { meQuery } from '../../api/queries.ts'
import { ago } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { nameOf } from '../queue/job-words.ts'
import { checkWorkflow } from './check-workflow.ts'
import { recentOf } from './recent.ts'
import { useSessions } from './sessions.ts'
import type { Recent } from './recent.ts'
import type { Picked } from './read-workflow.ts'

const fewShown = 5

/** The workflows of other sessions, and those that ran without one. */
export function RecentWorkflows({
  except,
  onPick,
}: {
  except: string
  onPick: (work: () => Promise<Picked>) => void
}) {
  const [all, setAll] = useState(false)
  const { data: me } = useQuery(meQuery)
  const { data: sessions = [] } = useSessions()
  const { data: jobs } = useQuery({
    queryKey: ['jobs', 'recent', me?.id],
    queryFn: () => easel.jobs.list({ createdBy: me!.id, limit: 50 }),
    enabled: me !== undefined,
  })
  const recent = recentOf(
    sessions.filter(({ id }) => id !== except),
    (jobs?.items ?? []).filter(({ sessionId }) => sessionId !== except),
  )
  if (recent.length === 0) return null
  const shown = all ? recent : recent.slice(0, fewShown)
  return (
    <Panel title="Recent workflows">
      <ul className="divide-y">
        {shown.map((entry) => (
          <li key={entry.id}>
            <button
              type="button"
              onClick={() => onPick(() => open(entry))}
              className="flex min-h-11 w-full items-center gap-3 px-4 py-1.5 text-left -outline-offset-2 hover:bg-hover"
            >
              {entry.thumbnailUrl ? (
                <img
                  src={entry.thumbnailUrl}
                  alt=""
                  loading="lazy"
                  className="size-8 shrink-0 rounded-control bg-inset object-cover"
                />
              ) : (
                <span className="grid size-8 shrink-0 place-items-center" aria-hidden>
                  <Workflow size={16} className="text-ink-3" />
                </span>
              )}
              <span className="min-w-0 flex-1 truncate font-medium" dir="auto">
                {entry.name}
              </span>
              <span className="shrink-0 text-sm text-ink-2">{ago(entry.time)}</span>
            </button>
          </li>
        ))}
      </ul>
      {recent.length > fewShown && (
        <div className="border-t px-2 py-1.5">
          <Button small look="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${recent.length}`}
          </Button>
        </div>
      )}
    </Panel>
  )
}

async function open({ name, draft, jobId }: Recent): Promise<Picked> {
  if (draft) return checkWorkflow({ name, graph: draft.graph, ...(draft.saved && { saved: draft.saved }) })
  const [job, { graph }] = await Promise.all([easel.jobs.get(jobId!), easel.jobs.graph(jobId!)])
  return checkWorkflow({ name: nameOf(job), graph })
}
