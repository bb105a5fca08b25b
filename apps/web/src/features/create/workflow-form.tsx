import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { Panel } from '../../ui/page.tsx'
import { sortFaults } from './faults.ts'
import { ambiguousKeys, isChanged, sectionsOf, valueOf, withValue } from './form-model.ts'
import { MissingModels } from './missing-models.tsx'
import { ParameterControl } from './parameter-control.tsx'
import { isLocked, lock, unlock } from './seeds.ts'
import { WorkflowHead } from './workflow-head.tsx'
import type { ParameterView } from '@easel/client'
import type { FormOptions } from './form-options.ts'
import type { Section, Value } from './form-model.ts'
import type { SeedHold } from './number-inputs.tsx'
import type { Running } from './use-run.ts'

type FormProps = FormOptions & { run: Running; onAnother: () => void }

/** What can be set of a workflow. */
export function WorkflowForm({ run, onAnother, ...options }: FormProps) {
  const { analysis, draft } = options
  const { at } = sortFaults(analysis.faults, analysis.parameters)
  // What is wrong with a value of the workflow is so until it is another.
  const own = analysis.parameters.filter((each) => !isChanged(each, draft.values) && at.has(each.key))
  const faults = new Map([...own.map(({ key }) => [key, at.get(key)!] as const), ...run.faults])
  return (
    <>
      <Panel>
        <WorkflowHead {...options} onAnother={onAnother} />
        <MissingModels {...options} run={run} />
      </Panel>
      {sectionsOf(analysis.parameters).map((section) => (
        <FormSection key={section.name} section={section} faults={faults} {...options} />
      ))}
    </>
  )
}

type SectionProps = FormOptions & { section: Section; faults: ReadonlyMap<string, string> }

function FormSection({ section, faults, ...options }: SectionProps) {
  const { draft, analysis } = options
  const changed = section.parameters.filter((each) => isChanged(each, draft.values)).length
  const wrong = section.parameters.some(({ key }) => faults.has(key))
  const [open, setOpen] = useState(changed > 0)
  const ambiguous = ambiguousKeys(analysis.parameters)
  const files = analysis.parameters.filter(({ control }) => control === 'image' || control === 'file')
  const controls = section.parameters.map((parameter) => (
    <div key={parameter.key} className={isWide(section, parameter) ? 'sm:col-span-2' : undefined}>
      <ParameterControl
        parameter={parameter}
        value={valueOf(parameter, draft.values)}
        changed={isChanged(parameter, draft.values)}
        fault={faults.get(parameter.key)}
        ambiguous={ambiguous.has(parameter.key)}
        hold={holdOf(options)}
        onlyFile={files.length === 1}
        onChange={(value) => set(options, parameter, value)}
      />
    </div>
  ))
  const grid = 'grid gap-x-5 gap-y-3 sm:grid-cols-2'
  if (section.name !== 'advanced') {
    return (
      <section className="rounded-panel border bg-panel p-4" aria-label={section.title}>
        {section.name !== 'prompt' && <h2 className="mb-2 text-lg font-medium">{section.title}</h2>}
        <div className={grid}>{controls}</div>
      </section>
    )
  }
  return (
    <details
      className="group/more rounded-panel border bg-panel"
      open={open || wrong}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary className="flex min-h-12 items-center gap-2 rounded-panel px-4 text-lg font-medium">
        {section.title}
        <span className="text-sm font-normal text-ink-2">
          {section.parameters.length}
          {changed > 0 && `, ${changed} changed`}
        </span>
        <ChevronDown
          size={17}
          className="ml-auto text-ink-3 transition-transform group-open/more:rotate-180"
          aria-hidden
        />
      </summary>
      <div className={`${grid} border-t p-4`}>{controls}</div>
    </details>
  )
}

const isWide = ({ name }: Section, { control, key }: ParameterView): boolean =>
  name === 'prompt' || name === 'images' || control === 'multiline' || control === 'seed' || isModel(key)

const isModel = (key: string): boolean => /name\d?$/.test(key) && !/sampler/.test(key)

/** A seed that is written while each run takes a new one is meant to be used. */
function set({ draft, update }: FormOptions, parameter: ParameterView, value: Value | undefined): void {
  const values = withValue(draft.values, parameter, value)
  const isMeant = parameter.control === 'seed' && draft.seeds === 'random' && value !== undefined
  update({ ...draft, values, ...(isMeant && lock(draft, parameter.key)) })
}

function holdOf({ draft, update, analysis }: FormOptions): SeedHold {
  const all = analysis.parameters.flatMap(({ control, key }) => (control === 'seed' ? key : []))
  return {
    rule: draft.seeds,
    isLocked: (key) => isLocked(draft, key),
    toggle: (key) =>
      update({ ...draft, ...(isLocked(draft, key) ? unlock(draft, key, all) : lock(draft, key)) }),
  }
}
