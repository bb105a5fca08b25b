import { useMutation, useQuery } from '@tanstack/react-query'
import { CloudOff, ExternalLink, Star } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { ago, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { AddToCollection } from '../collections/add-to-collection.tsx'
import { Description } from './description.tsx'
import { Examples } from './examples.tsx'
import { useFamilyNames } from './families.ts'
import { InstallPanel } from './install-panel.tsx'
import { Licence } from './licence.tsx'
import { sources, typeNames } from './models-words.ts'
import { TriggerWords } from './trigger-words.tsx'
import { VersionFiles } from './version-files.tsx'
import { VersionPicker } from './version-picker.tsx'
import type { ModelCard, ModelView, VersionView } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

type DetailProps = {
  name: Pick<ModelCard, 'source' | 'id'>
  search: ModelsSearch
  go: Go
}

export function ModelDetail({ name, search: { nsfw, version }, go }: DetailProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['models', 'one', name, nsfw],
    queryFn: () => easel.models.get(name, nsfw === undefined ? {} : { maxNsfw: nsfw }),
    staleTime: 60_000,
  })
  const shown = data?.versions.find(({ id }) => id === version) ?? data?.versions[0]
  return (
    <Sheet name={data?.name ?? 'Model'} wide onClose={() => go({ model: undefined, version: undefined })}>
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={6} className="p-6 pt-16" />}
      {data && <Content key={shown?.id} model={data} version={shown} go={go} />}
    </Sheet>
  )
}

function Content({ model, version, go }: { model: ModelView; version: VersionView | undefined; go: Go }) {
  return (
    <div className="flex flex-col gap-5 p-4 md:p-6">
      <Header model={model} go={go} />
      <div className="grid gap-x-8 gap-y-5 lg:grid-cols-[minmax(0,1fr)_23rem] lg:grid-rows-[auto_1fr]">
        <div className="flex min-w-0 flex-col gap-5 lg:col-start-2">
          <VersionPicker
            versions={model.versions}
            chosen={version?.id}
            onChoose={(id) => go({ version: id })}
          />
          {version && <InstallPanel model={model} version={version} go={go} />}
          {version && <AddToCollection model={model} version={version} />}
          {version && <TriggerWords words={version.triggerWords} />}
        </div>
        <div className="flex min-w-0 flex-col gap-5 lg:col-start-1 lg:row-span-2 lg:row-start-1">
          {version && <Examples model={model} version={version} />}
          {isGiven(version?.description) && version.description !== '' && (
            <Note name={version.name} text={version.description} />
          )}
          {isGiven(model.description) && model.description !== '' && <Description text={model.description} />}
        </div>
        <div className="flex min-w-0 flex-col gap-5 lg:col-start-2">
          {version && <VersionFiles model={model} version={version} go={go} />}
          <Licence licence={model.licence} />
          <Tags tags={model.tags} go={go} />
        </div>
      </div>
    </div>
  )
}

function Header({ model, go }: { model: ModelView; go: Go }) {
  const nameOf = useFamilyNames()
  const { source, creator, updatedAt, url, stale, syncedAt } = model
  return (
    <header className="flex flex-col gap-1 pr-10">
      <h2 className="text-xl font-semibold" dir="auto">
        {model.name}
      </h2>
      <p className="flex flex-wrap gap-x-3 text-ink-2">
        <span>{typeNames[model.type]}</span>
        {isGiven(model.family) && <span>for {nameOf(model.family)}</span>}
        {isGiven(creator) && (
          <button
            type="button"
            className="underline-offset-2 hover:text-accent hover:underline"
            onClick={() => go({ tab: undefined, creator, model: undefined, version: undefined })}
          >
            by {creator}
          </button>
        )}
        <span>at {sources[source]}</span>
        {isGiven(updatedAt) && <span title={exactTime(updatedAt)}>updated {ago(updatedAt)}</span>}
        {model.downloads > 0 && (
          <span className="nums">{model.downloads.toLocaleString('en')} downloads</span>
        )}
        {model.likes > 0 && <span className="nums">{model.likes.toLocaleString('en')} likes</span>}
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Favorite model={model} />
        {isGiven(url) && /^https?:/.test(url) && (
          <a
            href={url}
            target="_blank"
            rel="noreferrer noopener"
            className="inline-flex h-8 items-center gap-1.5 rounded-control border bg-panel px-2.5 text-sm font-medium hover:bg-hover max-md:h-11"
          >
            Its page <ExternalLink size={14} aria-hidden />
          </a>
        )}
      </div>
      {stale && (
        <p className="mt-2 flex items-center gap-2 text-sm text-warn">
          <CloudOff size={15} className="shrink-0" aria-hidden />
          <span>
            {sources[source]} does not answer now: this is what it said
            {isGiven(syncedAt) && ` ${ago(syncedAt)}`}.
          </span>
        </p>
      )}
    </header>
  )
}

function Favorite({ model }: { model: ModelView }) {
  const change = useMutation({
    mutationFn: () => (model.favorite ? easel.favorites.remove(model) : easel.favorites.add(model)),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['models'] })
      void queries.invalidateQueries({ queryKey: ['search'] })
    },
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

function Note({ name, text }: { name: string; text: string }) {
  return (
    <section>
      <h3 className="mb-1 font-medium">
        New in <span dir="auto">{name}</span>
      </h3>
      <p className="line-clamp-6 max-w-[70ch] whitespace-pre-wrap text-ink-2" dir="auto">
        {text}
      </p>
    </section>
  )
}

function Tags({ tags, go }: { tags: readonly string[]; go: Go }) {
  if (tags.length === 0) return null
  return (
    <section>
      <h3 className="mb-1.5 font-medium">Tags</h3>
      <div className="flex flex-wrap gap-1.5">
        {tags.slice(0, 40).map((tag) => (
          <button
            key={tag}
            type="button"
            onClick={() => go({ tab: undefined, tag, model: undefined, version: undefined })}
            className="max-w-full truncate rounded-full border px-2.5 py-0.5 text-sm text-ink-2 hover:bg-hover max-md:py-2"
          >
            {tag}
          </button>
        ))}
      </div>
    </section>
  )
}
