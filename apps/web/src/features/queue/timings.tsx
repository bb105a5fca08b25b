import clsx from 'clsx'
import { duration } from '../../lib/format.ts'
import type { JobView } from '@easel/client'

type Key = keyof JobView['timings']

/** Waiting is grey, preparing is blue, the work itself has the accent. */
const phases: readonly { key: Key; name: string; colour: string }[] = [
  { key: 'queuedMs', name: 'Waited', colour: 'bg-line-strong/60' },
  { key: 'bindMs', name: 'Handed over', colour: 'bg-line-strong' },
  { key: 'inputsMs', name: 'Fetched inputs', colour: 'bg-busy/50' },
  { key: 'modelsMs', name: 'Fetched models', colour: 'bg-busy/70' },
  { key: 'modelLoadMs', name: 'Loaded models', colour: 'bg-busy' },
  { key: 'executeMs', name: 'Ran', colour: 'bg-accent' },
  { key: 'saveMs', name: 'Saved', colour: 'bg-good' },
]

/** Where the time went, from the submit to the end. */
export function Timings({ timings }: { timings: JobView['timings'] }) {
  const parts = phases.flatMap(({ key, ...phase }) => {
    const ms = timings[key] ?? 0
    return ms > 0 ? [{ ...phase, ms }] : []
  })
  const total = parts.reduce((sum, { ms }) => sum + ms, 0)
  if (total === 0) return null
  return (
    <div className="flex flex-col gap-2">
      <div className="flex h-2 gap-px overflow-hidden rounded-full" aria-hidden>
        {parts.map(({ name, colour, ms }) => (
          <span
            key={name}
            className={clsx('min-w-0.5', colour)}
            style={{ flexGrow: ms, flexBasis: 0 }}
            title={`${name}: ${duration(ms / 1_000)}`}
          />
        ))}
      </div>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {parts.map(({ name, colour, ms }) => (
          <li key={name} className="flex items-center gap-1.5">
            <span className={clsx('size-2 rounded-full', colour)} aria-hidden />
            <span className="text-ink-2">{name}</span> <span className="nums">{duration(ms / 1_000)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
