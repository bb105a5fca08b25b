import { useMutation, useQueries, useQuery } from '@tanstack/react-query'
import { ArrowDownToLine, Boxes, SearchX } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { useRights } from '../../api/rights.ts'
import { bytes, count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Filter, SearchBox } from '../../ui/search-box.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { useUnderWay } from '../downloads/under-way.ts'
import { Bundle } from './bundle.tsx'
import { bundleStatusQuery } from './bundle-query.ts'
import { useFamilyNames } from './families.ts'
import type { BundleStatus, BundleView } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

const states = { missing: 'Not installed', partial: 'In part', present: 'Installed' } as const

export function BundlesTab({ search, go }: { search: ModelsSearch; go: Go }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['bundles'],
    queryFn: () => easel.bundles.list({ limit: 200 }),
  })
  const bundles = data?.items ?? []
  const statuses = useStatuses(bundles)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const rights = useRights()
  const underWay = useUnderWay()
  const shown = bundles.filter((bundle) => fits(bundle, statuses.get(bundle.id), search))
  const choose = (id: string, isChosen: boolean) => {
    const next = new Set(chosen)
    if (isChosen) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  return (
    <>
      <Filters bundles={bundles} search={search} go={go} />
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={5} />}
      {data && shown.length === 0 && <Nothing none={bundles.length === 0} go={go} />}
      {rights.fetch && shown.length > 0 && (
        <Chosen shown={shown} chosen={chosen} setChosen={setChosen} statuses={statuses} />
      )}
      <ul className="grid items-start gap-4 lg:grid-cols-2 2xl:grid-cols-3" aria-label="Bundles">
        {shown.map((bundle) => (
          <li key={bundle.id} className="min-w-0">
            <Bundle
              bundle={bundle}
              status={statuses.get(bundle.id)}
              underWay={underWay}
              chosen={chosen.has(bundle.id)}
              {...(rights.fetch && { onChoose: (isChosen: boolean) => choose(bundle.id, isChosen) })}
            />
          </li>
        ))}
      </ul>
    </>
  )
}

function useStatuses(bundles: readonly BundleView[]): ReadonlyMap<string, BundleStatus> {
  return useQueries({
    queries: bundles.map(({ id }) => bundleStatusQuery(id)),
    combine: (results) => new Map(results.flatMap(({ data }) => (data ? [[data.id, data]] : []))),
  })
}

function fits(
  { name, description, family }: BundleView,
  status: BundleStatus | undefined,
  { q, base, state }: ModelsSearch,
): boolean {
  const words = (q ?? '').toLowerCase().split(/\s+/)
  const text = `${name} ${description ?? ''} ${family ?? ''}`.toLowerCase()
  return (
    words.every((word) => text.includes(word)) &&
    (base === undefined || family === base) &&
    (state === undefined || !Object.hasOwn(states, state) || status?.state === state)
  )
}

function Filters({ bundles, search, go }: { bundles: readonly BundleView[]; search: ModelsSearch; go: Go }) {
  const nameOf = useFamilyNames()
  const families = [...new Set(bundles.flatMap(({ family }) => family ?? []))]
  return (
    <div role="search" className="flex flex-wrap gap-2">
      <SearchBox
        label="Search bundles"
        placeholder="Wan, FLUX, Qwen …"
        value={search.q ?? ''}
        onChange={(text) => go({ q: text === '' ? undefined : text })}
      />
      <Filter label="Family" value={search.base ?? ''} onChoose={(base) => go({ base })}>
        <option value="">All families</option>
        {families.map((family) => (
          <option key={family} value={family}>
            {nameOf(family)}
          </option>
        ))}
      </Filter>
      <Filter label="State" value={search.state ?? ''} onChoose={(state) => go({ state })}>
        <option value="">Installed and not</option>
        {Object.entries(states).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </Filter>
    </div>
  )
}

/** Several at once. "All" are those in sight; what is chosen and hidden by the filters is told. */
function Chosen({
  shown,
  chosen,
  setChosen,
  statuses,
}: {
  shown: readonly BundleView[]
  chosen: ReadonlySet<string>
  setChosen: (chosen: ReadonlySet<string>) => void
  statuses: ReadonlyMap<string, BundleStatus>
}) {
  const fetchAll = useMutation({
    mutationFn: async (ids: readonly string[]) => {
      for (const bundleId of ids) {
        await easel.downloads.create({ source: 'bundle', bundleId }, { idempotencyKey: crypto.randomUUID() })
      }
    },
    onSuccess: (_, ids) => {
      setChosen(new Set())
      tell(`${count(ids.length, 'bundle')} ${ids.length === 1 ? 'is' : 'are'} being fetched`)
    },
    onError: tellError,
    onSettled: () => void queries.invalidateQueries({ queryKey: ['downloads'] }),
  })
  const stateOf = (id: string) => statuses.get(id)?.state
  const hidden = [...chosen].filter((id) => !shown.some((bundle) => bundle.id === id)).length
  const missing = [...chosen].filter((id) => stateOf(id) !== 'present')
  const size = missing.reduce((sum, id) => {
    const status = statuses.get(id)
    return sum + (status ? status.bytesTotal - status.bytesPresent : 0)
  }, 0)
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-2 text-sm">
      <Button small look="quiet" onClick={() => setChosen(new Set(shown.map(({ id }) => id)))}>
        Choose all {shown.length}
      </Button>
      <Button
        small
        look="quiet"
        onClick={() =>
          setChosen(new Set(shown.filter(({ id }) => stateOf(id) !== 'present').map(({ id }) => id)))
        }
      >
        Choose what is missing
      </Button>
      {chosen.size > 0 && (
        <>
          <Button small look="quiet" onClick={() => setChosen(new Set())}>
            None
          </Button>
          <span className="nums text-ink-2" role="status">
            {chosen.size} chosen{hidden > 0 && `, ${hidden} of them not in sight`}
          </span>
          <Button
            small
            look="primary"
            className="ml-auto"
            icon={<ArrowDownToLine size={15} aria-hidden />}
            disabled={missing.length === 0 || fetchAll.isPending}
            onClick={() => fetchAll.mutate(missing)}
          >
            {missing.length === 0
              ? 'All of these are here'
              : `Fetch ${count(missing.length, 'bundle')}${size > 0 ? ` (${bytes(size)})` : ''}`}
          </Button>
        </>
      )}
    </div>
  )
}

function Nothing({ none, go }: { none: boolean; go: Go }) {
  return (
    <Empty
      title={none ? 'There are no bundles' : 'No bundle fits'}
      icon={none ? <Boxes size={28} strokeWidth={1.5} /> : <SearchX size={28} strokeWidth={1.5} />}
      action={
        !none && (
          <Button onClick={() => go({ q: undefined, base: undefined, state: undefined })}>Show all</Button>
        )
      }
    >
      A bundle is a list of the files that a kind of work needs.
    </Empty>
  )
}
