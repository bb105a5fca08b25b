import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { FolderSearch, RefreshCw, ShieldAlert } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { ago, bytes, count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Panel, Status } from '../../ui/page.tsx'
import { Filter, FilterButton, SearchBox } from '../../ui/search-box.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { Duplicates, Misplaced } from './library-care.tsx'
import { nameOfModel } from './models-search.ts'
import { isGiven } from '../../lib/given.ts'
import type { LibraryFileView, LibraryStats } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

export function LibraryTab({ search, go }: { search: ModelsSearch; go: Go }) {
  const stats = useQuery({ queryKey: ['library', 'stats'], queryFn: () => easel.library.stats() })
  return (
    <>
      {stats.data && <Overview stats={stats.data} search={search} go={go} />}
      {stats.error && !stats.data && <Failure error={stats.error} retry={() => void stats.refetch()} />}
      {search.care === 'duplicates' && <Duplicates />}
      {search.care === 'misplaced' && <Misplaced />}
      {(search.care === undefined || search.care === 'unsafe') && (
        <Files search={search} go={go} stats={stats.data} />
      )}
    </>
  )
}

function Overview({ stats, search, go }: { stats: LibraryStats; search: ModelsSearch; go: Go }) {
  const { scan } = stats
  const start = useMutation({
    mutationFn: () => easel.library.scan(),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['library'] }),
    onError: tellError,
  })
  const toggle = (care: ModelsSearch['care']) => go({ care: search.care === care ? undefined : care })
  const scanning = scan.state === 'scanning'
  return (
    <Panel>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2 p-4">
        <p className="nums mr-auto">
          <span className="text-2xl font-semibold">{stats.files.toLocaleString('en')}</span>{' '}
          <span className="text-ink-2">
            {stats.files === 1 ? 'file' : 'files'}, {bytes(stats.bytes)}
            {isGiven(stats.linked) && `, ${stats.linked.toLocaleString('en')} known to the catalogue`}
          </span>
        </p>
        {(stats.duplicates ?? 0) > 0 && (
          <FilterButton pressed={search.care === 'duplicates'} onPress={() => toggle('duplicates')}>
            {count(stats.duplicates!, 'duplicate')} ({bytes(stats.duplicateBytes ?? 0)})
          </FilterButton>
        )}
        {(stats.misplaced ?? 0) > 0 && (
          <FilterButton pressed={search.care === 'misplaced'} onPress={() => toggle('misplaced')}>
            {stats.misplaced} in the wrong folder
          </FilterButton>
        )}
        {stats.unsafe > 0 && (
          <FilterButton
            pressed={search.care === 'unsafe'}
            onPress={() => toggle('unsafe')}
            icon={<ShieldAlert size={14} aria-hidden />}
          >
            {stats.unsafe} unsafe
          </FilterButton>
        )}
        <Button
          small
          icon={<RefreshCw size={15} aria-hidden />}
          disabled={scanning || start.isPending}
          onClick={() => start.mutate()}
        >
          {scanning ? 'Scanning …' : 'Scan'}
        </Button>
      </div>
      {scanning && (
        <div className="flex flex-col gap-1.5 border-t px-4 py-3 text-sm text-ink-2" role="status">
          <span className="nums">
            {scan.found.toLocaleString('en')} found, {scan.unchanged.toLocaleString('en')} unchanged,{' '}
            {bytes(scan.bytesHashed)} of {bytes(scan.bytesToHash)} read
          </span>
          <Meter
            value={scan.bytesToHash === 0 ? undefined : scan.bytesHashed / scan.bytesToHash}
            label="Scan"
          />
        </div>
      )}
    </Panel>
  )
}

function Files({ search, go, stats }: { search: ModelsSearch; go: Go; stats: LibraryStats | undefined }) {
  const query = {
    ...(search.q !== undefined && { q: search.q }),
    ...(search.base !== undefined && { base: search.base }),
    ...(search.tag !== undefined && { folder: search.tag }),
    ...(search.care === 'unsafe' && { unsafe: true }),
  }
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      queryKey: ['library', 'files', query],
      queryFn: ({ pageParam }) =>
        easel.library.files({ ...query, limit: 100, ...(pageParam !== undefined && { cursor: pageParam }) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    })
  const files = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <div className="flex flex-wrap gap-2" role="search">
        <SearchBox
          label="Search the library"
          placeholder="File name …"
          value={search.q ?? ''}
          onChange={(q) => go({ q: q === '' ? undefined : q })}
        />
        <Filter label="Folder" value={search.tag ?? ''} onChoose={(tag) => go({ tag })}>
          <option value="">All folders</option>
          {stats?.folders.map((folder) => (
            <option key={folder.folder} value={folder.folder}>
              {folder.folder} ({folder.files})
            </option>
          ))}
        </Filter>
        <Filter label="Family" value={search.base ?? ''} onChoose={(base) => go({ base })}>
          <option value="">All families</option>
          {stats?.families?.map(({ id: value, files: number }) => (
            <option key={value} value={value}>
              {value} ({number})
            </option>
          ))}
        </Filter>
      </div>
      {isPending && <Loading rows={6} />}
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {data && files.length === 0 && (
        <Empty title="No file is here" icon={<FolderSearch size={28} strokeWidth={1.5} />}>
          Easel reads the models folder (<code>EASEL_MODELS_DIR</code>) and watches it. What is installed from
          Search appears by itself.
        </Empty>
      )}
      {files.length > 0 && (
        <Panel>
          <ul className="divide-y">
            {files.map((file) => (
              <File key={file.id} file={file} go={go} />
            ))}
          </ul>
        </Panel>
      )}
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Loading …' : 'More'}
        </Button>
      )}
    </>
  )
}

function File({ file, go }: { file: LibraryFileView; go: Go }) {
  const { modelSource, modelId } = file
  const open = () => {
    if (isGiven(modelSource) && isGiven(modelId))
      go({ model: nameOfModel({ source: modelSource, id: modelId }) }, false)
    else go({ model: nameOfModel({ source: 'local', id: file.id }) }, false)
  }
  return (
    <li>
      <button
        type="button"
        onClick={open}
        className="flex w-full items-center gap-3 px-4 py-2 text-left -outline-offset-2 hover:bg-hover"
      >
        <span className="size-11 shrink-0 overflow-hidden rounded-control bg-hover">
          {isGiven(file.preview) && (
            <img
              src={`/api/library/files/${file.id}/preview`}
              alt=""
              loading="lazy"
              className="size-full object-cover"
            />
          )}
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium" title={file.path} dir="auto">
            {file.title ?? file.name}
          </span>
          <span className="block truncate text-sm text-ink-2">
            {[file.path, file.family ?? file.baseModel, file.precision].filter(Boolean).join(' · ')}
          </span>
        </span>
        {file.unsafe && <Status tone="bad">Unsafe</Status>}
        {file.state === 'refused' && <Status tone="bad">{file.problem ?? 'Refused'}</Status>}
        {file.state === 'hashing' && <Status tone="busy">Being read</Status>}
        <span className="nums text-right text-sm text-ink-2 max-sm:hidden">
          {bytes(file.bytes)}
          <span className="block text-ink-3">{ago(file.modifiedAt)}</span>
        </span>
      </button>
    </li>
  )
}
