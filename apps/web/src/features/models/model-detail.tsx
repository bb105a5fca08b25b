import { Dialog } from '@base-ui/react/dialog'
import { useMutation, useQuery } from '@tanstack/react-query'
import { CloudOff, ExternalLink, Star, X } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { ago } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { sources, typeNames } from './models-search.ts'
import { Version } from './model-version.tsx'
import { isGiven } from '../../lib/given.ts'
import type { ModelCard, ModelView } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

type DetailProps = {
  name: Pick<ModelCard, 'source' | 'id'>
  level: ModelsSearch['nsfw']
  onClose: () => void
  go: Go
}

/** Beside the list where there is room, over it on a phone. */
export function ModelDetail({ name, level, onClose, go }: DetailProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['models', 'one', name, level],
    queryFn: () => easel.models.get(name, level === undefined ? {} : { maxNsfw: level }),
    staleTime: 60_000,
  })
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0" />
        <Dialog.Popup
          aria-label={data?.name ?? 'Model'}
          className="fixed inset-y-0 right-0 z-40 w-full max-w-3xl overflow-y-auto border-l bg-panel shadow-raised outline-none"
        >
          <Dialog.Close
            render={
              <Button
                small
                look="quiet"
                className="absolute top-3 right-3 z-10"
                icon={<X size={17} aria-hidden />}
                aria-label="Close"
              />
            }
          />
          {error && !data && <Failure error={error} retry={() => void refetch()} />}
          {!data && !error && <Loading rows={6} className="p-6" />}
          {data && <Content model={data} go={go} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Content({ model, go }: { model: ModelView; go: Go }) {
  const [chosen, setChosen] = useState<string>()
  const version = model.versions.find(({ id }) => id === chosen) ?? model.versions[0]
  return (
    <div className="flex flex-col gap-5 p-4 md:p-6">
      <header className="flex flex-col gap-1 pr-10">
        <h2 className="text-xl font-semibold" dir="auto">
          {model.name}
        </h2>
        <p className="flex flex-wrap gap-x-2 text-ink-2">
          <span>{typeNames[model.type]}</span>
          {isGiven(model.creator) && (
            <button
              type="button"
              className="hover:text-accent"
              onClick={() => go({ creator: model.creator, model: undefined })}
            >
              by {model.creator}
            </button>
          )}
          <span>at {sources[model.source]}</span>
          {isGiven(model.updatedAt) && <span>updated {ago(model.updatedAt)}</span>}
        </p>
        <div className="mt-2 flex flex-wrap gap-2">
          <Favorite model={model} />
          {isGiven(model.url) && <Elsewhere href={model.url}>Its page</Elsewhere>}
          {isGiven(model.approvalUrl) && model.gate !== 'open' && (
            <Elsewhere href={model.approvalUrl}>Ask for access</Elsewhere>
          )}
        </div>
        {model.stale && (
          <p className="mt-2 flex items-center gap-2 text-sm text-warn">
            <CloudOff size={15} aria-hidden /> {sources[model.source]} does not answer now: this is what it
            said
            {isGiven(model.syncedAt) && ` ${ago(model.syncedAt)}`}.
          </p>
        )}
      </header>
      {model.versions.length > 1 && (
        <label className="flex items-center gap-2">
          <span className="text-sm font-medium">Version</span>
          <select
            value={version?.id}
            onChange={({ target }) => setChosen(target.value)}
            className="h-9 max-w-sm rounded-control border border-line-strong/60 bg-inset px-2"
          >
            {model.versions.map(({ id, name, baseModel, installed }) => (
              <option key={id} value={id}>
                {[name, baseModel, installed.state === 'installed' && 'installed']
                  .filter(Boolean)
                  .join(' · ')}
              </option>
            ))}
          </select>
        </label>
      )}
      {version && <Version key={version.id} model={model} version={version} />}
      <Licence model={model} />
      {model.tags.length > 0 && (
        <div className="flex flex-wrap gap-1.5">
          {model.tags.map((tag) => (
            <button
              key={tag}
              type="button"
              onClick={() => go({ tag, model: undefined })}
              className="rounded-full border px-2.5 py-0.5 text-sm text-ink-2 hover:bg-hover"
            >
              {tag}
            </button>
          ))}
        </div>
      )}
      {isGiven(model.description) && model.description !== '' && (
        <section>
          <h3 className="mb-1 font-medium">About it</h3>
          <p className="max-w-[70ch] whitespace-pre-wrap text-ink-2" dir="auto">
            {model.description}
          </p>
        </section>
      )}
    </div>
  )
}

function Elsewhere({ href, children }: { href: string; children: string }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer noopener"
      className="inline-flex h-8 items-center gap-1.5 rounded-control border bg-panel px-2.5 text-sm font-medium hover:bg-hover"
    >
      {children} <ExternalLink size={14} aria-hidden />
    </a>
  )
}

function Favorite({ model }: { model: ModelView }) {
  const change = useMutation({
    mutationFn: () => (model.favorite ? easel.favorites.remove(model) : easel.favorites.add(model)),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['models'] }),
    onError: tellError,
  })
  return (
    <Button
      small
      aria-pressed={model.favorite}
      disabled={change.isPending}
      icon={<Star size={15} fill={model.favorite ? 'currentColor' : 'none'} aria-hidden />}
      onClick={() => change.mutate()}
    >
      {model.favorite ? 'A favourite' : 'Favourite'}
    </Button>
  )
}

function Licence({ model: { licence } }: { model: ModelView }) {
  const { name, terms, url } = licence
  if (terms.length === 0 && !isGiven(name)) return null
  return (
    <section className="rounded-panel border p-3">
      <h3 className="font-medium">
        Licence{isGiven(name) && `: ${name}`}
        {isGiven(url) && (
          <a
            href={url}
            target="_blank"
            rel="noreferrer noopener"
            className="ml-2 text-sm font-normal text-accent underline"
          >
            its text
          </a>
        )}
      </h3>
      <ul className="mt-1 list-disc pl-5 text-ink-2">
        {terms.map((term) => (
          <li key={term}>{term}</li>
        ))}
      </ul>
    </section>
  )
}
