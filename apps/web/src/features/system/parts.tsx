import { CircleCheck, CircleX } from 'lucide-react'
import { ago, duration, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Panel } from '../../ui/page.tsx'
import type { PartStatus, SystemStatus } from '@easel/client'

/** What each part is to somebody who does not run it. */
const about: Readonly<Record<string, string>> = {
  postgres: 'database',
  redis: 'log-ins and limits',
  nats: 'messages between the services',
  blobs: 'store of pictures',
  inference: 'jobs and workers',
  gallery: 'pictures and their search',
  catalog: 'models and their search',
  downloader: 'downloads and the hub',
}

const faults: Readonly<Record<string, string>> = {
  failed: 'It does not work',
  'timed out': 'It does not answer in time',
}

export function Parts({ system }: { system: SystemStatus }) {
  return (
    <Panel title="Services">
      <ul className="divide-y" aria-label="Services">
        {system.parts.map((part) => (
          <Part key={part.name} part={part} />
        ))}
      </ul>
      <p className="border-t px-4 py-2.5 text-sm text-ink-2">
        Easel {system.version}, up for {duration(system.uptimeSeconds)}
      </p>
    </Panel>
  )
}

function Part({ part: { name, ok, ms, error, lastOkAt } }: { part: PartStatus }) {
  return (
    <li className="flex items-center gap-2.5 px-4 py-2">
      {ok ? (
        <CircleCheck size={16} className="shrink-0 text-good" aria-label="Well" />
      ) : (
        <CircleX size={16} className="shrink-0 text-bad" aria-label="Not well" />
      )}
      <span className="min-w-0 flex-1">
        <span className="font-medium">{name}</span> <span className="text-sm text-ink-3">{about[name]}</span>
        {!ok && (
          <span className="block text-sm text-bad">
            {isGiven(error) ? (faults[error] ?? error) : 'It does not work'}
            {isGiven(lastOkAt) ? (
              <span title={exactTime(lastOkAt)}>; it was well {ago(lastOkAt)}</span>
            ) : (
              '; it has not been well since the start'
            )}
          </span>
        )}
      </span>
      <span className="nums text-sm text-ink-3">{Math.round(ms)} ms</span>
    </li>
  )
}
