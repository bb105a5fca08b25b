import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { Page } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { useDraft } from './draft.ts'
import { keepKnown } from './form-model.ts'
import { Picker } from './picker.tsx'
import { Results } from './results.tsx'
import { SessionMenu } from './session-menu.tsx'
import { WorkflowForm } from './workflow-form.tsx'
import type { SessionView } from '@easel/client'
import type { Draft } from './draft.ts'
import type { Picked } from './read-workflow.ts'

/** Works in a session: the one of the address, else the newest, else a new one. */
export function CreatePage() {
  const { session: chosen } = useSearch({ from: '/studio/create' })
  const navigate = useNavigate({ from: '/create' })
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => easel.sessions.list({ limit: 100 }) })
  const id = chosen ?? sessions.data?.items[0]?.id
  const session = useQuery({
    queryKey: ['session', id],
    queryFn: () => easel.sessions.get(id!),
    enabled: id !== undefined,
    staleTime: 0,
  })
  const make = useMutation({
    mutationFn: () => easel.sessions.create({ kind: 'workflow' }),
    onSuccess: async (made) => {
      queries.setQueryData(['session', made.id], made)
      await queries.invalidateQueries({ queryKey: ['sessions'] })
      await navigate({ search: { session: made.id } })
    },
  })
  const isFirst = sessions.data?.items.length === 0 && chosen === undefined
  const begun = useRef(false)
  useEffect(() => {
    if (!isFirst || begun.current) return
    begun.current = true
    make.mutate()
  }, [isFirst, make])
  const error = make.error ?? session.error ?? sessions.error
  return (
    <Page
      title="Create"
      wide
      actions={
        <SessionMenu
          sessions={sessions.data?.items ?? []}
          current={session.data}
          onChoose={(next) => void navigate({ search: { session: next } })}
          onNew={() => make.mutate()}
        />
      }
    >
      {session.data ? (
        <Studio key={session.data.id} session={session.data} />
      ) : error ? (
        <Failure error={error} retry={() => void queries.resetQueries()} />
      ) : (
        <Loading rows={5} />
      )}
    </Page>
  )
}

function Studio({ session }: { session: SessionView }) {
  const { draft, update } = useDraft(session)
  const pick = ({ graph, name }: Picked) =>
    update({ name, graph, values: {}, times: draft?.times ?? 1, seeds: draft?.seeds ?? 'random' })
  if (!draft) {
    return (
      <>
        <Picker onPick={pick} />
        <Results sessionId={session.id} />
      </>
    )
  }
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,26rem)_minmax(0,1fr)] xl:grid-cols-[minmax(0,30rem)_minmax(0,1fr)]">
      <Analysed draft={draft} update={update} sessionId={session.id} onPick={pick} />
      <Results sessionId={session.id} />
    </div>
  )
}

type AnalysedProps = {
  draft: Draft
  update: (draft: Draft) => void
  sessionId: string
  onPick: (picked: Picked) => void
}

function Analysed({ draft, update, sessionId, onPick }: AnalysedProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['inspect', draft.graph],
    queryKeyHashFn: () => `inspect ${sessionId} ${hashOf(draft.graph)}`,
    queryFn: () => easel.workflows.inspect(draft.graph),
    staleTime: 60_000,
  })
  if (error && !data) {
    return (
      <div className="flex flex-col gap-4">
        <Failure error={error} retry={() => void refetch()} />
        <Picker onPick={onPick} />
      </div>
    )
  }
  if (!data) return <Loading rows={6} />
  return (
    <WorkflowForm
      draft={{ ...draft, values: keepKnown(draft.values, data.parameters) }}
      analysis={data}
      update={update}
      sessionId={sessionId}
      onPick={onPick}
    />
  )
}

/** Of its text, by 32-bit FNV-1a: only to tell one graph of a session from another. */
function hashOf(graph: object): string {
  const text = JSON.stringify(graph, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  return `${text.length}-${hash.toString(16)}`
}
