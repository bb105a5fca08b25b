import { ArrowDownToLine, Play } from 'lucide-react'
import { useEffect } from 'react'
import { wordsOf } from '../../api/words.ts'
import { Button } from '../../ui/button.tsx'
import { count } from '../../lib/format.ts'
import { commandKey, useKeyList } from '../../lib/keys.ts'
import { placeOf } from './faults.ts'
import type { FormOptions } from './form-options.ts'
import type { SeedRule } from './form-model.ts'
import type { Running } from './use-run.ts'

const mostTimes = 100
const keys = [{ keys: [commandKey, 'Enter'], does: 'Run' }]

/** Always in reach: the button that runs it, how often, and with which seeds. */
export function RunBar({ run, ...options }: FormOptions & { run: Running }) {
  const { draft, update, analysis } = options
  const { sent } = run
  useKeyList('Create', keys)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return
      // What lies over the page has the keys.
      if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return
      event.preventDefault()
      run.run()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
  useEffect(() => {
    if (run.error !== undefined)
      document.querySelector('#view [aria-invalid="true"]')?.scrollIntoView({ block: 'center' })
  }, [run.error])
  const hasSeeds = analysis.parameters.some(({ control }) => control === 'seed')
  return (
    <div className="flex flex-col gap-2">
      {run.error !== undefined && <Refusal {...options} run={run} />}
      <div className="flex items-center gap-2">
        <Button
          look="primary"
          className="flex-1"
          icon={<Play size={16} aria-hidden />}
          disabled={sent !== undefined}
          onClick={() => run.run()}
          title="Ctrl Enter"
        >
          {sent === undefined
            ? draft.times === 1
              ? 'Run'
              : `Run ${draft.times} times`
            : draft.times === 1
              ? 'Sending …'
              : `Sending ${sent + 1} of ${draft.times} …`}
        </Button>
        <label className="flex items-center gap-1.5 text-ink-2">
          <span aria-hidden>×</span>
          <input
            type="number"
            aria-label="How many times"
            title="How many times"
            min={1}
            max={mostTimes}
            value={draft.times}
            onFocus={({ target }) => target.select()}
            onChange={({ target }) => update({ ...draft, times: timesOf(target.value) })}
            className="nums h-9 w-14 rounded-control border border-line-strong/60 bg-inset px-2 text-ink max-md:h-11"
          />
        </label>
        {hasSeeds && (
          <select
            aria-label="Seeds"
            title="Seeds"
            value={draft.seeds}
            onChange={({ target }) => update({ ...draft, seeds: target.value as SeedRule, locked: [] })}
            className="h-9 min-w-0 rounded-control border border-line-strong/60 bg-panel px-2 text-sm max-md:h-11"
          >
            <option value="random">Random seeds</option>
            <option value="count">Count seeds up</option>
            <option value="keep">Seeds as set</option>
          </select>
        )}
      </div>
    </div>
  )
}

const timesOf = (text: string): number => Math.min(mostTimes, Math.max(1, Math.round(Number(text)) || 1))

function Refusal({ run, analysis }: FormOptions & { run: Running }) {
  const { title, detail } = wordsOf(run.error)
  const { faults, otherFaults, missing } = run
  const isOfGraph = faults.size + otherFaults.length > 0
  return (
    <div
      role="alert"
      className="max-h-48 overflow-y-auto rounded-panel border border-bad/50 bg-panel p-3 text-sm"
    >
      {missing.length > 0 ? (
        <>
          <p className="font-medium">
            {count(missing.length, 'model')} that it needs {missing.length === 1 ? 'is' : 'are'} not here
          </p>
          <Button
            small
            className="mt-2"
            icon={<ArrowDownToLine size={15} aria-hidden />}
            onClick={() => run.run('fetch')}
          >
            Fetch what is missing, then run
          </Button>
        </>
      ) : (
        <p className="font-medium text-bad">
          {isOfGraph ? 'The workflow cannot run like this' : `${title}: ${detail}`}
        </p>
      )}
      {missing.length === 0 && faults.size > 0 && (
        <p className="mt-1">
          See{' '}
          {[...faults.keys()]
            .slice(0, 4)
            .map((key) => placeOf(key, analysis.parameters))
            .join(', ')}
          .
        </p>
      )}
      {otherFaults.length > 0 && (
        <ul className="mt-1 list-disc pl-5">
          {otherFaults.slice(0, 20).map((fault) => (
            <li key={`${fault.path} ${fault.message}`}>
              <span className="font-medium">{placeOf(fault.path, analysis.parameters)}</span>: {fault.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
