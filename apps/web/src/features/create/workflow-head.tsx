import { FolderOpen, TriangleAlert, Workflow } from 'lucide-react'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { isChanged } from './form-model.ts'
import { placeOf, sortFaults } from './faults.ts'
import { SaveMenu } from './save-menu.tsx'
import type { WorkflowAnalysis } from '@easel/client'
import type { FormOptions } from './form-options.ts'

/** Which workflow it is, and what is to be known of it before it runs. */
export function WorkflowHead({ onAnother, ...options }: FormOptions & { onAnother: () => void }) {
  const { draft, update, analysis } = options
  const changed = analysis.parameters.filter((each) => isChanged(each, draft.values)).length
  return (
    <>
      <div className="flex items-center gap-2 p-2 pl-3">
        <Workflow size={17} className="shrink-0 text-ink-3" aria-hidden />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-medium" title={draft.name} dir="auto">
            {draft.name}
          </h2>
          {changed > 0 && (
            <p className="flex gap-1.5 text-xs text-ink-2">
              {count(changed, 'value')} changed
              <button
                type="button"
                className="rounded-control font-medium text-accent hover:underline"
                onClick={() => update({ ...draft, values: {} })}
              >
                Reset all
              </button>
            </p>
          )}
        </div>
        <SaveMenu {...options} />
        <Button
          small
          icon={<FolderOpen size={15} aria-hidden />}
          aria-label="Open another workflow"
          onClick={onAnother}
        />
      </div>
      <Notices analysis={analysis} />
    </>
  )
}

function Notices({ analysis }: { analysis: WorkflowAnalysis }) {
  const { missingNodes, faults, live, parameters } = analysis
  const others = sortFaults(faults, parameters).others.filter(
    ({ path }) => missingNodes.length === 0 || !path.endsWith('.class_type'),
  )
  const notes = [
    ...(live ? [] : ['No worker answers now: what there is to choose may be incomplete.']),
    ...(missingNodes.length > 0
      ? [
          `No worker has ${count(missingNodes.length, 'node class', 'node classes')} that it uses: ${missingNodes.slice(0, 8).join(', ')}${missingNodes.length > 8 ? ' and more' : ''}.`,
        ]
      : []),
    ...others.slice(0, 6).map(({ path, message }) => `${placeOf(path, parameters)}: ${message}`),
  ]
  if (notes.length === 0) return null
  return (
    <ul className="flex flex-col gap-1 border-t px-3 py-2.5 text-sm" aria-label="To know before it runs">
      {notes.map((note) => (
        <li key={note} className="flex gap-2">
          <TriangleAlert size={15} className="mt-0.5 shrink-0 text-warn" aria-hidden />
          <span className="min-w-0">{note}</span>
        </li>
      ))}
    </ul>
  )
}
