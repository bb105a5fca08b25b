import { useMutation } from '@tanstack/react-query'
import { Play, Save, TriangleAlert, Workflow } from 'lucide-react'
import { useEffect, useState } from 'react'
import { EaselError } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { runsOf, sectionsOf } from './form-model.ts'
import { MissingModels } from './missing-models.tsx'
import { ParameterControl } from './parameter-control.tsx'
import { Picker } from './picker.tsx'
import { formText } from '../../lib/form-text.ts'
import type { WorkflowAnalysis } from '@easel/client'
import type { Draft } from './draft.ts'
import type { SeedRule, Section, Value } from './form-model.ts'
import type { Picked } from './read-workflow.ts'

type FormProps = {
  draft: Draft
  analysis: WorkflowAnalysis
  update: (draft: Draft) => void
  sessionId: string
  onPick: (picked: Picked) => void
}

export function WorkflowForm({ draft, analysis, update, sessionId, onPick }: FormProps) {
  const [picking, setPicking] = useState(false)
  const run = useMutation({
    mutationFn: async () => {
      for (const { overrides, inputs } of runsOf(analysis.parameters, draft)) {
        await easel.jobs.submit(
          { workflow: draft.graph, overrides, inputs, sessionId, name: draft.name, priority: 'interactive' },
          { idempotencyKey: crypto.randomUUID() },
        )
      }
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['jobs'] }),
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !run.isPending) run.mutate()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [run])
  const set = (key: string, value: Value) => update({ ...draft, values: { ...draft.values, [key]: value } })
  if (picking) {
    return (
      <div className="flex flex-col gap-3 lg:col-span-full">
        <Button small className="self-start" onClick={() => setPicking(false)}>
          Back to “{draft.name}”
        </Button>
        <Picker
          onPick={(picked) => {
            setPicking(false)
            onPick(picked)
          }}
        />
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-4">
      <Panel>
        <div className="flex flex-wrap items-center gap-2 p-3">
          <Workflow size={17} className="shrink-0 text-ink-3" aria-hidden />
          <span className="min-w-0 flex-1 truncate font-medium" title={draft.name} dir="auto">
            {draft.name}
          </span>
          <SaveAs draft={draft} />
          <Button small onClick={() => setPicking(true)}>
            Another
          </Button>
        </div>
        <Notices analysis={analysis} />
        {analysis.models.length > 0 && (
          <MissingModels workflow={draft.graph} name={`${draft.name} ${analysis.models.join(' ')}`} />
        )}
      </Panel>
      {sectionsOf(analysis.parameters).map((section) => (
        <FormSection key={section.name} section={section} draft={draft} set={set} />
      ))}
      <div className="sticky bottom-0 z-10 -mx-1 flex flex-col gap-2 border-t bg-canvas px-1 py-3">
        {run.error && <Refusal error={run.error} />}
        <RunBar draft={draft} update={update} busy={run.isPending} run={() => run.mutate()} />
      </div>
    </div>
  )
}

function FormSection({
  section,
  draft,
  set,
}: {
  section: Section
  draft: Draft
  set: (key: string, value: Value) => void
}) {
  const controls = section.parameters.map((parameter) => (
    <div
      key={parameter.key}
      className={section.name === 'prompt' || section.name === 'images' ? 'sm:col-span-2' : undefined}
    >
      <ParameterControl
        parameter={parameter}
        value={draft.values[parameter.key] ?? (parameter.value as Value)}
        onChange={(value) => set(parameter.key, value)}
      />
    </div>
  ))
  const grid = 'grid gap-4 p-4 sm:grid-cols-2'
  if (section.name !== 'advanced') {
    return (
      <Panel title={section.title}>
        <div className={grid}>{controls}</div>
      </Panel>
    )
  }
  return (
    <details className="rounded-panel border bg-panel">
      <summary className="px-4 py-3 text-lg font-medium">
        {section.title} <span className="text-sm font-normal text-ink-2">({section.parameters.length})</span>
      </summary>
      <div className={`${grid} border-t`}>{controls}</div>
    </details>
  )
}

function Notices({ analysis: { missingNodes, faults, live } }: { analysis: WorkflowAnalysis }) {
  const notes = [
    ...(live ? [] : ['No worker answers now: choices may be incomplete.']),
    ...(missingNodes.length > 0
      ? [
          `No worker has ${count(missingNodes.length, 'node class', 'node classes')}: ${missingNodes.join(', ')}.`,
        ]
      : []),
    ...faults.map(({ message }) => message),
  ]
  if (notes.length === 0) return null
  return (
    <ul className="flex flex-col gap-1 border-t px-4 py-3 text-sm">
      {notes.map((note) => (
        <li key={note} className="flex gap-2">
          <TriangleAlert size={15} className="mt-0.5 shrink-0 text-warn" aria-hidden />
          <span className="min-w-0">{note}</span>
        </li>
      ))}
    </ul>
  )
}

function Refusal({ error }: { error: unknown }) {
  const errors = error instanceof EaselError ? error.errors : []
  const { title, detail } = wordsOf(error)
  return (
    <div role="alert" className="rounded-panel border border-bad/50 bg-panel p-3 text-sm">
      <p className="font-medium text-bad">
        {errors.length === 0 ? `${title}: ${detail}` : 'The workflow cannot run like this'}
      </p>
      {errors.length > 0 && (
        <ul className="mt-1 list-disc pl-5">
          {errors.map((fault) => (
            <li key={`${fault.path} ${fault.message}`}>
              <code className="text-ink-2">{fault.path.replace(/^workflow\./, '')}</code> {fault.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function RunBar({
  draft,
  update,
  busy,
  run,
}: {
  draft: Draft
  update: (draft: Draft) => void
  busy: boolean
  run: () => void
}) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button
        look="primary"
        className="flex-1"
        icon={<Play size={16} aria-hidden />}
        disabled={busy}
        onClick={run}
        title="Ctrl Enter"
      >
        {busy ? 'Sending …' : draft.times === 1 ? 'Run' : `Run ${draft.times} times`}
      </Button>
      <input
        type="number"
        aria-label="How many times"
        min={1}
        max={100}
        value={draft.times}
        onChange={({ target }) =>
          update({ ...draft, times: Math.min(100, Math.max(1, Math.round(Number(target.value)) || 1)) })
        }
        className="nums h-9 w-16 rounded-control border border-line-strong/60 bg-inset px-2 max-md:h-11"
      />
      <select
        aria-label="Seeds"
        value={draft.seeds}
        onChange={({ target }) => update({ ...draft, seeds: target.value as SeedRule })}
        className="h-9 rounded-control border bg-panel px-2 text-sm max-md:h-11"
      >
        <option value="random">Random seeds</option>
        <option value="count">Count seeds up</option>
        <option value="keep">Seeds as set</option>
      </select>
    </div>
  )
}

function SaveAs({ draft }: { draft: Draft }) {
  const [open, setOpen] = useState(false)
  const save = useMutation({
    mutationFn: (name: string) => easel.workflows.create({ name, graph: draft.graph }),
    onSuccess: ({ name }) => {
      setOpen(false)
      tell(`“${name}” is saved`)
      void queries.invalidateQueries({ queryKey: ['workflows'] })
    },
    onError: tellError,
  })
  if (!open) {
    return (
      <Button small icon={<Save size={15} aria-hidden />} onClick={() => setOpen(true)}>
        Save
      </Button>
    )
  }
  return (
    <form
      className="order-last flex w-full gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate(formText(new FormData(event.currentTarget), 'name'))
      }}
    >
      <input
        name="name"
        aria-label="Name of the workflow"
        defaultValue={draft.name}
        required
        maxLength={200}
        autoFocus
        className="h-8 min-w-0 flex-1 rounded-control border border-line-strong/60 bg-inset px-2.5"
      />
      <Button small type="submit" look="primary" disabled={save.isPending}>
        Save
      </Button>
      <Button small look="quiet" onClick={() => setOpen(false)}>
        Cancel
      </Button>
    </form>
  )
}
