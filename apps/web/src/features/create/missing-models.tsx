import { useMutation, useQuery } from '@tanstack/react-query'
import { ArrowDownToLine, PackageX } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { bytes, count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Status } from '../../ui/page.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { isGiven } from '../../lib/given.ts'
import type { NeedView } from '@easel/client'

type Tone = 'neutral' | 'good' | 'busy' | 'warn' | 'bad'

const states: Record<NeedView['state'], { name: string; tone: Tone }> = {
  present: { name: 'Here', tone: 'good' },
  downloading: { name: 'Coming', tone: 'busy' },
  available: { name: 'Can be fetched', tone: 'neutral' },
  ambiguous: { name: 'Several fit', tone: 'warn' },
  gated: { name: 'Needs approval', tone: 'warn' },
  unknown: { name: 'Not known', tone: 'bad' },
}

/** The files that a workflow names and nobody here has, with one button that fetches them all. */
export function MissingModels({ workflow, name }: { workflow: Record<string, unknown>; name: string }) {
  const { data } = useQuery({
    queryKey: ['downloads', 'needs', name],
    queryFn: () => easel.models.needs(workflow),
    staleTime: 30_000,
  })
  const fetchAll = useMutation({
    mutationFn: () => easel.models.fetchNeeds({ workflow }, { idempotencyKey: crypto.randomUUID() }),
    onSuccess: ({ unfetched }) => {
      tell(
        'The missing models are being fetched',
        unfetched.length > 0 ? { description: `Not among them: ${unfetched.join(', ')}` } : {},
      )
      void queries.invalidateQueries({ queryKey: ['downloads'] })
    },
    onError: tellError,
  })
  const missing = data?.files.filter(({ state }) => state !== 'present') ?? []
  if (missing.length === 0) return null
  const fetchable = missing.filter(({ state }) => state === 'available')
  return (
    <section aria-label="Missing models" className="flex flex-col gap-2 border-t px-4 py-3 text-sm">
      <h3 className="flex items-center gap-2 font-medium">
        <PackageX size={15} className="text-warn" aria-hidden /> {count(missing.length, 'model')} of this
        workflow {missing.length === 1 ? 'is' : 'are'} not here
      </h3>
      <ul className="flex flex-col gap-1">
        {missing.map((file) => (
          <li key={file.name}>
            <span className="flex items-center gap-3">
              <span className="min-w-0 flex-1 truncate" title={file.name}>
                {file.name}
              </span>
              <span className="nums text-ink-2">{isGiven(file.bytes) && bytes(file.bytes)}</span>
              <Status tone={states[file.state].tone}>
                {file.state === 'downloading' && isGiven(file.progress)
                  ? `${Math.round(file.progress * 100)} %`
                  : states[file.state].name}
              </Status>
            </span>
            {isGiven(file.problem) && <span className="block text-ink-2">{file.problem}</span>}
            {file.similar.length > 0 && (
              <span className="block text-ink-2">Here with a similar name: {file.similar.join(', ')}</span>
            )}
          </li>
        ))}
      </ul>
      {fetchable.length > 0 && (
        <Button
          small
          look="primary"
          className="self-start"
          icon={<ArrowDownToLine size={15} aria-hidden />}
          disabled={fetchAll.isPending || fetchAll.isSuccess}
          onClick={() => fetchAll.mutate()}
        >
          {fetchAll.isSuccess
            ? 'Being fetched'
            : `Fetch ${count(fetchable.length, 'file')}${data?.missingBytes ? ` (${bytes(data.missingBytes)})` : ''}`}
        </Button>
      )}
    </section>
  )
}
