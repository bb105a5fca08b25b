import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { HardDrive, Pin, ShieldCheck, Trash2 } from 'lucide-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { useRights } from '../../api/rights.ts'
import { queries } from '../../api/queries.ts'
import { ago, bytes, count, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Panel, Status } from '../../ui/page.tsx'
import { Filter } from '../../ui/search-box.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { ExternalLibrary } from './external-library.tsx'
import { WhenInSight } from './when-in-sight.tsx'
import type { HubFileView, HubStatus } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

type Kept = HubFileView['state']

const kept: Record<Kept, { name: string; tone: 'good' | 'neutral' | 'bad'; about: string }> = {
  present: { name: 'Here', tone: 'good', about: '' },
  evicted: { name: 'Let go', tone: 'neutral', about: 'Its names stay, and it can be fetched again.' },
  bad: {
    name: 'Damaged',
    tone: 'bad',
    about: 'Its content is not what it was: nobody is given it. Fetch it again.',
  },
  lost: { name: 'Gone', tone: 'bad', about: 'Its content was removed by something else. Fetch it again.' },
}

/** The store behind the models folders: each content once. */
export function StorageTab({ search, go }: { search: ModelsSearch; go: Go }) {
  const { admin } = useRights()
  const { data, error, refetch } = useQuery({
    queryKey: ['hub', 'status'],
    queryFn: () => easel.hub.status(),
    enabled: admin,
  })
  if (!admin) {
    return (
      <Empty title="Only administrators see the storage" icon={<HardDrive size={28} strokeWidth={1.5} />}>
        What is here for everybody is under Library.
      </Empty>
    )
  }
  return (
    <>
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && <Overview status={data} />}
      <Contents search={search} go={go} />
      <ExternalLibrary />
    </>
  )
}

function Overview({ status }: { status: HubStatus }) {
  const verify = useMutation({
    mutationFn: () => easel.hub.verify(),
    onSuccess: (changed) => queries.setQueryData(['hub', 'status'], changed),
    onError: tellError,
  })
  const { budgetBytes, bytes: used, bytesLinked, freeBytes, verifiedAt } = status
  const checking = status.verifying
  const saved = Math.max(0, bytesLinked - used)
  return (
    <Panel
      title="Storage"
      actions={
        <Button
          small
          icon={<ShieldCheck size={15} aria-hidden />}
          disabled={checking || verify.isPending}
          onClick={() => verify.mutate()}
        >
          {checking ? 'Checking …' : 'Check all contents'}
        </Button>
      }
    >
      <dl className="grid grid-cols-2 gap-4 p-4 sm:grid-cols-4">
        <Fact name="Contents" value={status.files.toLocaleString('en')} note={bytes(used)} />
        <Fact name="Saved by keeping each once" value={bytes(saved)} />
        <Fact name="Free on the disk" value={isGiven(freeBytes) ? bytes(freeBytes) : 'not known'} />
        <Fact
          name="Checked last"
          value={isGiven(verifiedAt) ? ago(verifiedAt) : 'never'}
          note={status.bad > 0 ? `${count(status.bad, 'damaged content')}` : 'nothing damaged'}
          bad={status.bad > 0}
        />
      </dl>
      <div className="flex flex-col gap-1.5 border-t px-4 py-3 text-sm">
        {isGiven(budgetBytes) ? (
          <>
            <p className="nums text-ink-2">
              {bytes(used)} of a budget of {bytes(budgetBytes)}: when it is full, what was used longest ago is
              let go.
            </p>
            <Meter
              value={budgetBytes === 0 ? 1 : used / budgetBytes}
              label="Budget used"
              tone={used > 0.9 * budgetBytes ? 'warn' : 'accent'}
            />
          </>
        ) : (
          <p className="text-ink-2">
            No budget: nothing is let go by itself. One is set under{' '}
            <Link to="/downloads" hash="limits" className="text-accent underline">
              Downloads
            </Link>
            .
          </p>
        )}
      </div>
    </Panel>
  )
}

function Fact({ name, value, note, bad }: { name: string; value: string; note?: string; bad?: boolean }) {
  return (
    <div className="flex flex-col-reverse justify-end">
      <dt className="text-sm text-ink-2">{name}</dt>
      <dd className="nums text-lg font-semibold">
        {value}
        {note !== undefined && (
          <span className={`ml-2 text-sm font-normal ${bad ? 'text-bad' : 'text-ink-2'}`}>{note}</span>
        )}
      </dd>
    </div>
  )
}

function Contents({ search, go }: { search: ModelsSearch; go: Go }) {
  const state = search.state !== undefined && search.state in kept ? (search.state as Kept) : undefined
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['hub', 'files', state],
      queryFn: ({ pageParam }) =>
        easel.hub.files({
          limit: 100,
          ...(state !== undefined && { state }),
          ...(pageParam !== undefined && { cursor: pageParam }),
        }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    })
  const files = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Panel
      title="Contents"
      actions={
        <Filter label="State" value={state ?? ''} onChoose={(chosen) => go({ state: chosen })}>
          <option value="">All</option>
          {Object.entries(kept).map(([value, { name }]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Filter>
      }
    >
      {isPending && <Loading rows={4} className="p-4" />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && files.length === 0 && (
        <Empty
          title={state === undefined ? 'Nothing is kept here yet' : 'None of these'}
          icon={<HardDrive size={28} strokeWidth={1.5} />}
        >
          What is fetched is kept once by its content, with links under the names that ComfyUI sees. Files
          that were there before stay as they are until an administrator takes them in, under Library,
          duplicates.
        </Empty>
      )}
      <ul className="divide-y">
        {files.map((file) => (
          <Content key={file.sha256} file={file} />
        ))}
      </ul>
      {hasNextPage && (
        <WhenInSight key={files.length} busy={isFetchingNextPage} onSight={() => void fetchNextPage()} />
      )}
    </Panel>
  )
}

function Content({ file }: { file: HubFileView }) {
  const [sure, setSure] = useState(false)
  const act = useMutation({
    mutationFn: (work: () => Promise<unknown>) => work(),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['hub'] }),
    onError: tellError,
  })
  const { sha256, paths, pinned, usedAt } = file
  const { name, tone, about } = kept[file.state]
  const [path = sha256.slice(0, 16), ...others] = paths
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="truncate font-medium" title={paths.join('\n') || sha256}>
          {path}
          {others.length > 0 && (
            <span className="font-normal text-ink-2"> and {count(others.length, 'other name')}</span>
          )}
        </p>
        <p className="truncate text-sm text-ink-2">
          <span title={exactTime(usedAt)}>Used {ago(usedAt)}</span>
          {isGiven(file.verifiedAt) && (
            <span title={exactTime(file.verifiedAt)}>, checked {ago(file.verifiedAt)}</span>
          )}
          {about !== '' && `. ${about}`}
        </p>
      </div>
      <Status tone={tone}>{name}</Status>
      <span className="nums w-20 text-right text-sm text-ink-2">{bytes(file.bytes)}</span>
      <span className="flex gap-1">
        <Button
          small
          look="quiet"
          aria-label={pinned ? `Let ${path} go when room is needed` : `Keep ${path} always`}
          aria-pressed={pinned}
          className={pinned ? 'text-accent' : undefined}
          icon={<Pin size={15} fill={pinned ? 'currentColor' : 'none'} aria-hidden />}
          disabled={act.isPending}
          onClick={() => act.mutate(() => (pinned ? easel.hub.unpin(sha256) : easel.hub.pin(sha256)))}
        />
        {file.state === 'present' && (
          <Button
            small
            look={sure ? 'danger' : 'quiet'}
            aria-label={sure ? undefined : `Remove the content of ${path}`}
            icon={<Trash2 size={15} aria-hidden />}
            disabled={act.isPending}
            onBlur={() => setSure(false)}
            onClick={() => (sure ? act.mutate(() => easel.hub.evict(sha256)) : setSure(true))}
          >
            {sure ? 'Really remove' : undefined}
          </Button>
        )}
      </span>
    </li>
  )
}
