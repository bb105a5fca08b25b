import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowDownToLine, ExternalLink, PackageX, Play } from 'lucide-react'
import { useEffect } from 'react'
import { easel } from '../../api/easel.ts'
import { live } from '../../api/live.ts'
import { queries } from '../../api/queries.ts'
import { bytes, count } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Status } from '../../ui/page.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { valueOf, withValues } from './form-model.ts'
import type { NeedView } from '@easel/client'
import type { FormOptions } from './form-options.ts'
import type { Running } from './use-run.ts'

type Tone = 'neutral' | 'good' | 'busy' | 'warn' | 'bad'

const states: Record<NeedView['state'], { name: string; tone: Tone }> = {
  present: { name: 'Here', tone: 'good' },
  downloading: { name: 'Coming', tone: 'busy' },
  available: { name: 'Can be fetched', tone: 'neutral' },
  ambiguous: { name: 'Several fit', tone: 'warn' },
  gated: { name: 'Needs approval', tone: 'warn' },
  unknown: { name: 'Not known', tone: 'bad' },
}

const restMs = 1_000

/** The files that the workflow names as it is set now and nobody here has, with one button that fetches them all. */
export function MissingModels({ draft, analysis, run }: FormOptions & { run: Running }) {
  const graph = withValues(analysis.graph ?? draft.graph, analysis.parameters, draft.values)
  const models = analysis.parameters.filter(({ role }) => role === 'model')
  const names = [
    ...new Set([...analysis.models, ...models.map((each) => String(valueOf(each, draft.values)))]),
  ]
  const needs = useQuery({
    queryKey: ['downloads', 'needs', names.join('\n')],
    queryFn: () => easel.models.needs(graph),
    enabled: names.length > 0,
    placeholderData: (before) => before,
  })
  // A worker may have what the library does not know of.
  const atWorkers = new Set(models.flatMap(({ choices }) => (Array.isArray(choices) ? choices : [])))
  const missing =
    needs.data?.files.filter(({ state, name }) => state !== 'present' && !atWorkers.has(name)) ?? []
  useProgress(missing.length > 0)
  const fetchAll = useMutation({
    mutationFn: () => easel.models.fetchNeeds({ workflow: graph }, { idempotencyKey: crypto.randomUUID() }),
    onSuccess: ({ unfetched }) => {
      tell(
        'The missing models are being fetched',
        unfetched.length > 0 ? { description: `Not among them: ${unfetched.join(', ')}` } : {},
      )
      void queries.invalidateQueries({ queryKey: ['downloads'] })
    },
    onError: tellError,
  })
  if (missing.length === 0) return null
  const fetchable = missing.filter(({ state }) => state === 'available')
  const coming = missing.some(({ state }) => state === 'downloading')
  const total = fetchable.reduce((sum, file) => sum + (file.bytes ?? 0), 0)
  return (
    <section aria-label="Missing models" className="flex flex-col gap-2.5 border-t px-3 py-3 text-sm">
      <h3 className="flex items-center gap-2 font-medium">
        <PackageX size={15} className="shrink-0 text-warn" aria-hidden />
        {count(missing.length, 'model')} of this workflow {missing.length === 1 ? 'is' : 'are'} not here
      </h3>
      <ul className="flex flex-col gap-2">
        {missing.map((file) => (
          <Need key={file.name} file={file} />
        ))}
      </ul>
      {(fetchable.length > 0 || coming) && (
        <div className="flex flex-wrap gap-2">
          {fetchable.length > 0 && (
            <Button
              small
              look="primary"
              icon={<ArrowDownToLine size={15} aria-hidden />}
              disabled={fetchAll.isPending}
              onClick={() => fetchAll.mutate()}
            >
              Fetch {count(fetchable.length, 'file')}
              {total > 0 && ` (${bytes(total)})`}
            </Button>
          )}
          <Button
            small
            icon={<Play size={15} aria-hidden />}
            disabled={run.sent !== undefined}
            title="It waits in the queue until the models are here"
            onClick={() => run.run('fetch')}
          >
            {fetchable.length > 0 ? 'Fetch and run' : 'Run when they are here'}
          </Button>
        </div>
      )}
    </section>
  )
}

function Need({ file }: { file: NeedView }) {
  const { name, state, progress, problem, similar, sources } = file
  const source = sources[0]
  const licence = source?.licence
  const about = [
    isGiven(file.bytes) ? bytes(file.bytes) : undefined,
    source ? `from ${source.file.title ?? source.file.source ?? sourceNames[source.wish.source]}` : undefined,
    licence?.name ?? undefined,
    licence?.commercialUse === false ? 'no commercial use' : undefined,
  ].filter(isGiven)
  const approval = state === 'gated' ? source?.file.approvalUrl : undefined
  return (
    <li className="flex flex-col gap-0.5">
      <span className="flex items-center gap-3">
        <span className="min-w-0 flex-1 truncate font-mono text-xs" title={name}>
          {name}
        </span>
        <Status tone={states[state].tone}>{states[state].name}</Status>
      </span>
      {about.length > 0 && <span className="text-xs text-ink-2">{about.join(' · ')}</span>}
      {state === 'downloading' && <Meter value={progress ?? undefined} label={`Download of ${name}`} />}
      {isGiven(problem) && <span className="text-xs text-ink-2">{problem}</span>}
      {(state === 'unknown' || state === 'ambiguous') && (
        <Link
          to="/models"
          search={{ q: wordsIn(name) }}
          className="self-start text-xs font-medium text-accent hover:underline"
        >
          Look for it under Models
        </Link>
      )}
      {isGiven(approval) && (
        <a
          href={approval}
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-center gap-1 self-start text-xs font-medium text-accent hover:underline"
        >
          Ask for approval there <ExternalLink size={12} aria-hidden />
        </a>
      )}
      {similar.length > 0 && (
        <span className="text-xs text-ink-2">Here with a similar name: {similar.join(', ')}</span>
      )}
    </li>
  )
}

/** `silver_workshop-v10.safetensors` as somebody would search it. */
const wordsIn = (name: string): string =>
  name
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.\w+$/, '')
    .replaceAll(/[_\-.]+/g, ' ')
    .replaceAll(/\b(v?\d+|fp16|fp8|bf16|pruned|emaonly)\b/gi, '')
    .replaceAll(/\s+/g, ' ')
    .trim()

const sourceNames: Readonly<Record<string, string>> = {
  civitai: 'CivitAI',
  huggingface: 'Hugging Face',
  hash: 'where its hash is known',
  reference: 'its link',
  bundle: 'a bundle',
}

/** How far they are changes without an event that says so of each: it is asked again while something is told. */
function useProgress(on: boolean): void {
  useEffect(() => {
    if (!on) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = live.listen({
      event: ({ type }) => {
        if (!type.startsWith('download.') && !type.startsWith('library.file')) return
        timer ??= setTimeout(() => {
          timer = undefined
          void queries.invalidateQueries({ queryKey: ['downloads', 'needs'] })
        }, restMs)
      },
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [on])
}
