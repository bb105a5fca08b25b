import { useMutation, useQuery } from '@tanstack/react-query'
import { Link2, Unlink } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { useRights } from '../../api/rights.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { Picture } from './picture.tsx'
import { nameOfModel, readModelName } from './models-search.ts'
import { sources, typeNames } from './models-words.ts'
import { recognise } from '../downloads/recognise.ts'
import type { LibraryFileView, ModelCard } from '@easel/client'
import type { Go } from './models-search.ts'

type LinkTo = { source: ModelCard['source']; modelId: string; versionId?: string }

/** Which model a file is. Its hash tells, or else somebody. */
export function LibraryLink({ file, go }: { file: LibraryFileView; go: Go }) {
  const rights = useRights()
  const [choosing, setChoosing] = useState(false)
  const link = useMutation({
    mutationFn: (to: LinkTo | undefined) => easel.library.link({ id: file.id, ...to }),
    onSuccess: (_, to) => {
      setChoosing(false)
      tell(to ? 'The file is linked' : 'The link is taken away')
      void queries.invalidateQueries({ queryKey: ['library'] })
      void queries.invalidateQueries({ queryKey: ['models'] })
    },
    onError: tellError,
  })
  const { modelSource, modelId, versionId } = file
  const linked = isGiven(modelSource) && isGiven(modelId)
  return (
    <section className="flex flex-col gap-2">
      <h3 className="font-medium">In the catalogue</h3>
      {linked ? (
        <Linked name={{ source: modelSource, id: modelId }} versionId={versionId} go={go} />
      ) : (
        <p className="text-sm text-ink-2">
          {file.state === 'hashing'
            ? 'Its hash is being computed; then it is looked up.'
            : 'No model with its hash is known.'}
        </p>
      )}
      {rights.tend && (
        <div className="flex flex-wrap gap-2">
          <Button
            small
            icon={<Link2 size={14} aria-hidden />}
            aria-expanded={choosing}
            onClick={() => setChoosing(!choosing)}
          >
            {linked ? 'It is another one' : 'Say which one it is'}
          </Button>
          {linked && (
            <Button
              small
              look="quiet"
              icon={<Unlink size={14} aria-hidden />}
              disabled={link.isPending}
              onClick={() => link.mutate(undefined)}
            >
              Take the link away
            </Button>
          )}
        </div>
      )}
      {choosing && <Choose file={file} onChoose={(to) => link.mutate(to)} />}
    </section>
  )
}

function Linked({
  name,
  versionId,
  go,
}: {
  name: Pick<ModelCard, 'source' | 'id'>
  versionId: string | null | undefined
  go: Go
}) {
  const { data } = useQuery({
    queryKey: ['models', 'one', name, undefined],
    queryFn: () => easel.models.get(name),
    staleTime: 60_000,
    retry: false,
  })
  const version = data?.versions.find(({ id }) => id === versionId)
  return (
    <button
      type="button"
      onClick={() => go({ model: nameOfModel(name), version: versionId ?? undefined }, false)}
      className="flex items-center gap-3 rounded-panel border p-2 text-left hover:bg-hover"
    >
      <span className="size-11 shrink-0 overflow-hidden rounded-control bg-hover">
        <Picture example={data?.image ?? undefined} alt="" width={96} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium" dir="auto">
          {data?.name ?? name.id}
        </span>
        <span className="block truncate text-sm text-ink-2">
          {[version?.name, data?.creator, sources[name.source]].filter(Boolean).join(' · ')}
        </span>
      </span>
    </button>
  )
}

function Choose({ file, onChoose }: { file: LibraryFileView; onChoose: (to: LinkTo) => void }) {
  const [q, setQ] = useState(() => wordsIn(file.name))
  const pasted = recognise(q)?.model
  const { data, isFetching } = useQuery({
    queryKey: ['search', 'to-link', q],
    queryFn: ({ signal }) =>
      easel.models.search({ q, sources: ['civitai', 'huggingface'], limit: 8 }, { signal }),
    enabled: q !== '' && pasted === undefined,
    staleTime: 60_000,
  })
  const byAddress = pasted === undefined ? undefined : readModelName(pasted)
  return (
    <div className="flex flex-col gap-2 rounded-panel border p-3">
      <div className="flex">
        <SearchBox
          label="Search for its model"
          placeholder="Name, or the address of its page"
          value={q}
          onChange={setQ}
        />
      </div>
      {byAddress && (
        <Button
          small
          className="self-start"
          onClick={() => onChoose({ source: byAddress.source, modelId: byAddress.id })}
        >
          It is {byAddress.id} of {sources[byAddress.source]}
        </Button>
      )}
      {!byAddress && data?.items.length === 0 && !isFetching && (
        <p className="text-sm text-ink-2">Nothing was found. Paste the address of its page.</p>
      )}
      {!byAddress && (
        <ul className="flex flex-col">
          {data?.items.map((card) => (
            <li key={nameOfModel(card)}>
              <button
                type="button"
                onClick={() => onChoose({ source: card.source, modelId: card.id })}
                className="flex w-full items-center gap-3 rounded-control p-1.5 text-left hover:bg-hover"
              >
                <span className="size-9 shrink-0 overflow-hidden rounded-control bg-hover">
                  <Picture example={card.image ?? undefined} alt="" width={96} />
                </span>
                <span className="min-w-0 flex-1 truncate">
                  {card.name}{' '}
                  <span className="text-sm text-ink-2">
                    {[typeNames[card.type], card.creator, sources[card.source]].filter(Boolean).join(' · ')}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** `amber_lantern_v10.safetensors` is looked for as "amber lantern". */
const wordsIn = (name: string): string =>
  name
    .replace(/\.\w+$/, '')
    .replaceAll(/[_.-]+/g, ' ')
    .replaceAll(/\b(v?\d+[\d.]*|fp\d+|bf16|pruned|full)\b/gi, '')
    .trim()
