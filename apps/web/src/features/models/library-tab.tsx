import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { FolderSearch, Package, SearchX, ShieldAlert } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { ago, bytes, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Panel, Status } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { useFamilyNames } from './families.ts'
import { Duplicates, Misplaced } from './library-care.tsx'
import { LibraryFilters, libraryFilters } from './library-filters.tsx'
import { LibraryOverview } from './library-overview.tsx'
import { typeNames } from './models-words.ts'
import { WhenInSight } from './when-in-sight.tsx'
import type { GetLibraryFilesQuery, LibraryFileView, LibraryStats } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

export function LibraryTab({ search, go }: { search: ModelsSearch; go: Go }) {
  const stats = useQuery({ queryKey: ['library', 'stats'], queryFn: () => easel.library.stats() })
  return (
    <>
      {stats.isPending && <Loading rows={1} />}
      {stats.data && <LibraryOverview stats={stats.data} search={search} go={go} />}
      {stats.error && !stats.data && <Failure error={stats.error} retry={() => void stats.refetch()} />}
      {search.care === 'duplicates' && <Duplicates go={go} />}
      {search.care === 'misplaced' && <Misplaced go={go} />}
      {search.care === 'unsafe' && <Unsafe />}
      {(search.care === undefined || search.care === 'unsafe') && (
        <Files search={search} go={go} stats={stats.data} />
      )}
    </>
  )
}

function Unsafe() {
  return (
    <div className="flex gap-3 rounded-panel border border-bad/50 bg-panel p-4">
      <ShieldAlert size={18} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      <div className="max-w-[70ch]">
        <p className="font-medium">These files can run code when they are loaded.</p>
        <p className="text-ink-2">
          Pickles (<code>.ckpt</code>, <code>.pt</code>, <code>.bin</code>) are programs as much as data:
          Easel lists them and never opens them. Most models are there as safetensors too, which hold numbers
          only: look for them under Search, and delete these.
        </p>
      </div>
    </div>
  )
}

function queryOf(search: ModelsSearch): GetLibraryFilesQuery {
  const { q, base, folder, type, root, linked, format, order, care } = search
  return {
    ...(q !== undefined && { q }),
    ...(base !== undefined && { family: base }),
    ...(folder !== undefined && { folder }),
    ...(type !== undefined && { type }),
    ...(root !== undefined && { root }),
    ...(linked !== undefined && { linked: linked === 'yes' }),
    ...(format !== undefined && { format }),
    ...(order !== undefined && { sort: order }),
    ...(care === 'unsafe' && { unsafe: true }),
  }
}

function Files({ search, go, stats }: { search: ModelsSearch; go: Go; stats: LibraryStats | undefined }) {
  const query = queryOf(search)
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['library', 'files', query],
      queryFn: ({ pageParam }) =>
        easel.library.files({ ...query, limit: 100, ...(pageParam !== undefined && { cursor: pageParam }) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    })
  const files = data?.pages.flatMap(({ items }) => items) ?? []
  const isEmpty = stats?.files === 0
  return (
    <>
      {!isEmpty && <LibraryFilters search={search} go={go} stats={stats} />}
      {isPending && <Loading rows={6} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && files.length === 0 && (isEmpty ? <EmptyLibrary /> : <NoneOfThese go={go} />)}
      {files.length > 0 && (
        <Panel>
          <ul className="divide-y" aria-label="Files">
            {files.map((file) => (
              <File key={file.id} file={file} onOpen={() => go({ file: file.id }, false)} />
            ))}
          </ul>
        </Panel>
      )}
      {hasNextPage && (
        <WhenInSight key={files.length} busy={isFetchingNextPage} onSight={() => void fetchNextPage()} />
      )}
    </>
  )
}

function EmptyLibrary() {
  return (
    <Empty
      title="No model file is here yet"
      icon={<FolderSearch size={28} strokeWidth={1.5} />}
      action={<ButtonLink to="/models">Search models</ButtonLink>}
    >
      Install a model from Search, fetch a bundle, or copy files into the models folder of the server (
      <code>EASEL_MODELS_DIR</code>): it is watched, and what comes appears by itself. ComfyUI’s own folder
      can be the one.
    </Empty>
  )
}

function NoneOfThese({ go }: { go: Go }) {
  return (
    <Empty
      title="No file fits"
      icon={<SearchX size={28} strokeWidth={1.5} />}
      action={
        <Button onClick={() => go(Object.fromEntries(libraryFilters.map((key) => [key, undefined])))}>
          Show all files
        </Button>
      }
    >
      Fewer filters show more of them.
    </Empty>
  )
}

function File({ file, onOpen }: { file: LibraryFileView; onOpen: () => void }) {
  const nameOf = useFamilyNames()
  const family = isGiven(file.family) ? nameOf(file.family) : file.baseModel
  return (
    <li>
      <button
        type="button"
        onClick={onOpen}
        className="flex w-full items-center gap-3 px-4 py-2 text-left -outline-offset-2 hover:bg-hover"
      >
        <span className="size-11 shrink-0 overflow-hidden rounded-control bg-hover">
          {isGiven(file.preview) ? (
            <img
              src={`/api/library/files/${file.id}/preview`}
              alt=""
              loading="lazy"
              className="size-full object-cover"
            />
          ) : (
            <span className="grid size-full place-items-center text-ink-3">
              <Package size={18} strokeWidth={1.5} aria-hidden />
            </span>
          )}
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium" title={file.path} dir="auto">
            {file.title ?? file.name}
          </span>
          <span className="block truncate text-sm text-ink-2">
            {[isGiven(file.type) && typeNames[file.type], family, file.precision, file.path]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </span>
        <span className="flex shrink-0 flex-col items-end gap-0.5 sm:flex-row sm:items-center sm:gap-4">
          {file.unsafe && <Status tone="bad">Unsafe</Status>}
          {file.state === 'refused' && <Status tone="bad">Not readable</Status>}
          {file.state === 'hashing' && <Status tone="busy">Being read</Status>}
          {file.state === 'ready' && !isGiven(file.modelId) && !file.unsafe && (
            <span className="max-md:hidden">
              <Status tone="neutral">Unknown</Status>
            </span>
          )}
          <span className="nums w-20 text-right text-sm text-ink-2">
            {bytes(file.bytes)}
            <time
              className="block text-ink-3 max-sm:hidden"
              dateTime={file.modifiedAt}
              title={exactTime(file.modifiedAt)}
            >
              {ago(file.modifiedAt)}
            </time>
          </span>
        </span>
      </button>
    </li>
  )
}
