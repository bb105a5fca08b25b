import { useState } from 'react'
import { Ban } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { Meter } from '../../ui/page.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { openStatuses } from './queue-search.ts'
import type { GetJobsQuery, JobView } from '@easel/client'

const atOnce = 6

/** Cancels all that fit, page by page, until there are none; `done` counts. */
async function cancelAll(query: GetJobsQuery, done: (jobs: number) => void, signal: AbortSignal) {
  const tried = new Set<string>()
  for (;;) {
    const { items } = await easel.jobs.list({ ...query, limit: 200 })
    const next = items.filter(({ id, status }) => !tried.has(id) && status !== 'canceling')
    if (next.length === 0) return
    const lane = async () => {
      for (let job = next.pop(); job && !signal.aborted; job = next.pop()) {
        tried.add(job.id)
        await easel.jobs.cancel(job.id)
        done(tried.size)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
    if (signal.aborted) return
  }
}

type Choice = { title: string; what: string; query: GetJobsQuery }

/** Cancels many at once: one's own, or all that wait. It asks first, says how far it is, and can be stopped. */
export function CancelMany({ spaceId, me, isShared }: { spaceId: string; me: string; isShared: boolean }) {
  const [choice, setChoice] = useState<Choice>()
  const waiting: JobView['status'][] = ['queued']
  const choices: Choice[] = [
    {
      title: 'Cancel all of my jobs?',
      what: 'All that you have running and waiting in this space.',
      query: { spaceId, status: openStatuses, createdBy: me },
    },
    {
      title: 'Cancel all of my jobs that wait?',
      what: 'What runs goes on to its end.',
      query: { spaceId, status: waiting, createdBy: me },
    },
    ...(isShared
      ? [
          {
            title: 'Cancel everything that waits in this space?',
            what: 'The jobs of everybody here that have not begun. What runs goes on to its end.',
            query: { spaceId, status: waiting },
          },
        ]
      : []),
  ]
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button small icon={<Ban size={15} aria-hidden />}>
            Cancel …
          </Button>
        }
      >
        {choices.map((each) => (
          <MenuItem key={each.title} onSelect={() => setChoice(each)} danger>
            {each.title.replace('?', '').replace('Cancel a', 'A').replace('Cancel e', 'E')}
          </MenuItem>
        ))}
      </Menu>
      {choice && <CancelDialog choice={choice} onClose={() => setChoice(undefined)} />}
    </>
  )
}

function CancelDialog({ choice, onClose }: { choice: Choice; onClose: () => void }) {
  const [run, setRun] = useState<{ done: number; stop: AbortController }>()
  const begin = async () => {
    const stop = new AbortController()
    let canceled = 0
    setRun({ done: 0, stop })
    try {
      await cancelAll(
        choice.query,
        (done) => {
          canceled = done
          setRun({ done, stop })
        },
        stop.signal,
      )
      tell(canceled === 0 ? 'There was nothing to cancel' : `${count(canceled, 'job')} canceled`)
    } catch (error) {
      tellError(error)
    }
    void queries.invalidateQueries({ queryKey: ['queue'] })
    onClose()
  }
  const close = () => {
    run?.stop.abort()
    onClose()
  }
  return (
    <Dialog title={choice.title} open onClose={close}>
      <p className="text-ink-2">{choice.what}</p>
      {run && (
        <div className="mt-4 flex flex-col gap-1.5" role="status">
          <Meter value={undefined} label="Canceling" />
          <p className="nums text-sm text-ink-2">{run.done} canceled …</p>
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button look="quiet" onClick={close}>
          {run ? 'Stop' : 'Not now'}
        </Button>
        <Button look="danger" disabled={run !== undefined} onClick={() => void begin()}>
          Cancel them
        </Button>
      </div>
    </Dialog>
  )
}
