import clsx from 'clsx'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Segments } from '../../ui/segments.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tell } from '../../ui/toasts.tsx'
import { useAnalysis } from './analysis.ts'
import { DraftNotice } from './draft-notice.tsx'
import { keepKnown } from './form-model.ts'
import { HandedNotice, useHandedIn } from './handed-in.tsx'
import { Picker } from './picker.tsx'
import { checkFile } from './check-workflow.ts'
import { Results } from './results.tsx'
import { RunBar } from './run-bar.tsx'
import { useDraft } from './use-draft.ts'
import { useFileDrop } from './file-drop.ts'
import { useRun } from './use-run.ts'
import { WorkflowForm } from './workflow-form.tsx'
import type { SessionView, WorkflowAnalysis } from '@easel/client'
import type { Draft } from './draft.ts'
import type { FormOptions } from './form-options.ts'
import type { Picked } from './read-workflow.ts'

/** One session: its form, what was run, and where a workflow comes from while there is none. */
export function Studio({ session }: { session: SessionView }) {
  const { draft, update, ...keeping } = useDraft(session)
  const [picking, setPicking] = useState(false)
  const pick = (picked: Picked) => {
    setPicking(false)
    const before = draft
    update({
      ...picked,
      values: {},
      times: before?.times ?? 1,
      seeds: before?.seeds === 'count' ? 'count' : 'random',
      locked: [],
    })
    if (before) tell(`“${picked.name}” is open`, { undo: () => update(before) })
  }
  useFileDrop(async (file) => pick(await checkFile(file)))
  return (
    <>
      <DraftNotice {...keeping} />
      {draft ? (
        <Opened draft={draft} update={update} session={session} onAnother={() => setPicking(true)} />
      ) : (
        <div className="flex flex-col gap-6 lg:min-h-0 lg:overflow-y-auto lg:pb-6">
          <HandedNotice />
          <Picker onPick={pick} except={session.id} />
          {session.assetCount > 0 && <Results session={session} />}
        </div>
      )}
      <Dialog title="Open another workflow" open={picking} onClose={() => setPicking(false)}>
        <Picker onPick={pick} except={session.id} narrow />
      </Dialog>
    </>
  )
}

type OpenedProps = {
  draft: Draft
  update: (draft: Draft) => void
  session: SessionView
  onAnother: () => void
}

function Opened(props: OpenedProps) {
  const { data, error, refetch } = useAnalysis(props.draft.graph)
  if (data) return <Form {...props} analysis={data} />
  return (
    <div className="grid gap-4 lg:min-h-0 lg:flex-1 lg:grid-cols-[minmax(0,28rem)_minmax(0,1fr)]">
      {error ? (
        <div className="flex flex-col items-center">
          <Failure error={error} retry={() => void refetch()} />
          <Button onClick={props.onAnother}>Open another workflow</Button>
        </div>
      ) : (
        <Loading rows={6} />
      )}
      <div className="lg:overflow-y-auto">
        <Results session={props.session} />
      </div>
    </div>
  )
}

type Tab = 'form' | 'results'

function Form({ draft, update, session, analysis, onAnother }: OpenedProps & { analysis: WorkflowAnalysis }) {
  const [tab, setTab] = useState<Tab>('form')
  const known: Draft = { ...draft, values: keepKnown(draft.values, analysis.parameters) }
  const options: FormOptions = { draft: known, update, analysis, session }
  const run = useRun(options, () => setTab('results'))
  const handed = useHandedIn(options)
  return (
    <>
      <div className="flex justify-center lg:hidden">
        <Segments<Tab>
          label="What is shown"
          value={tab}
          choices={[
            { value: 'form', name: 'Settings' },
            { value: 'results', name: 'Results' },
          ]}
          onChoose={setTab}
        />
      </div>
      <div className="flex flex-1 flex-col gap-4 lg:grid lg:min-h-0 lg:grid-cols-[minmax(0,26rem)_minmax(0,1fr)] lg:gap-6 xl:grid-cols-[minmax(0,30rem)_minmax(0,1fr)]">
        <div className="contents lg:flex lg:min-h-0 lg:flex-col">
          <div
            className={clsx(
              'flex flex-col gap-4 lg:min-h-0 lg:flex-1 lg:overflow-y-auto lg:pb-4',
              tab !== 'form' && 'max-lg:hidden',
            )}
          >
            {handed}
            <WorkflowForm {...options} onAnother={onAnother} run={run} />
          </div>
          <div className="sticky bottom-0 z-10 -mx-4 mt-auto border-t bg-canvas px-4 py-3 max-lg:order-last md:-mx-6 md:px-6 lg:static lg:mx-0 lg:px-0">
            <RunBar {...options} run={run} />
          </div>
        </div>
        <div className={clsx('lg:min-h-0 lg:overflow-y-auto lg:pb-6', tab !== 'results' && 'max-lg:hidden')}>
          <Results session={session} options={options} onForm={() => setTab('form')} />
        </div>
      </div>
    </>
  )
}
