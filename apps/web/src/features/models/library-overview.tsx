import { useMutation, useQuery } from '@tanstack/react-query'
import { FileText, RefreshCw, ShieldAlert } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { useRights } from '../../api/rights.ts'
import { ago, bytes, count } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Panel } from '../../ui/page.tsx'
import { FilterButton } from '../../ui/search-box.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import type { LibraryStats, ScanView } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'
import type { Care } from './models-words.ts'

/** How much is here, what is wrong with it, and how far the reading of it is. */
export function LibraryOverview({
  stats,
  search,
  go,
}: {
  stats: LibraryStats
  search: ModelsSearch
  go: Go
}) {
  const rights = useRights()
  // The stream of events keeps it as it is; the statistics are read anew at the end.
  const { data: live } = useQuery({
    queryKey: ['library-scan'],
    queryFn: async () => (await easel.library.stats()).scan,
    enabled: false,
  })
  const scan = live?.state === 'scanning' ? live : stats.scan
  const scanning = scan.state === 'scanning' && live?.state !== 'idle'
  return (
    <Panel>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3 p-4">
        <p className="nums mr-auto">
          <span className="text-2xl font-semibold">{stats.files.toLocaleString('en')}</span>{' '}
          <span className="text-ink-2">
            {stats.files === 1 ? 'file' : 'files'}, {bytes(stats.bytes)}
            {isGiven(stats.linked) && `, ${stats.linked.toLocaleString('en')} known to the catalogue`}
          </span>
        </p>
        <Cares stats={stats} search={search} go={go} />
        {rights.tend && (
          <span className="flex flex-wrap gap-2">
            {rights.admin && <Sidecars />}
            <Scan scanning={scanning} finishedAt={stats.scan.finishedAt} />
          </span>
        )}
      </div>
      {scanning && <Progress scan={scan} />}
      {stats.roots?.some(({ present }) => !present) && (
        <p className="border-t px-4 py-2.5 text-sm text-warn">
          {stats.roots
            .filter(({ present }) => !present)
            .map(({ root }) => root || 'The models folder')
            .join(', ')}{' '}
          cannot be read now: its files are kept in mind.
        </p>
      )}
    </Panel>
  )
}

function Cares({ stats, search, go }: { stats: LibraryStats; search: ModelsSearch; go: Go }) {
  const { duplicates = 0, duplicateBytes, misplaced = 0, unsafe } = stats
  const toggle = (care: Care) => go({ care: search.care === care ? undefined : care, file: undefined })
  const button = (care: Care, words: string) => (
    <FilterButton
      pressed={search.care === care}
      onPress={() => toggle(care)}
      icon={care === 'unsafe' && <ShieldAlert size={14} aria-hidden />}
    >
      {words}
    </FilterButton>
  )
  const shown = (number: number | null, care: Care) => (number ?? 0) > 0 || search.care === care
  return (
    <span className="flex flex-wrap gap-2">
      {shown(duplicates, 'duplicates') &&
        button('duplicates', `${count(duplicates ?? 0, 'duplicate')} (${bytes(duplicateBytes ?? 0)})`)}
      {shown(misplaced, 'misplaced') && button('misplaced', `${misplaced ?? 0} in the wrong folder`)}
      {shown(unsafe, 'unsafe') && button('unsafe', `${unsafe} unsafe`)}
    </span>
  )
}

function Scan({ scanning, finishedAt }: { scanning: boolean; finishedAt: string | null | undefined }) {
  const start = useMutation({ mutationFn: () => easel.library.scan(), onError: tellError })
  return (
    <Button
      small
      icon={<RefreshCw size={15} className={scanning ? 'motion-safe:animate-spin' : undefined} aria-hidden />}
      disabled={scanning || start.isPending}
      title={isGiven(finishedAt) ? `Read last ${ago(finishedAt)}` : undefined}
      onClick={() => start.mutate()}
    >
      {scanning ? 'Scanning …' : 'Scan'}
    </Button>
  )
}

function Sidecars() {
  const write = useMutation({
    mutationFn: () => easel.library.writeSidecars(),
    onSuccess: ({ written, items }) =>
      tell(`${count(written, 'sidecar')} written`, {
        ...(items.length > 0 && { description: `${count(items.length, 'file')} could not have one.` }),
      }),
    onError: tellError,
  })
  return (
    <Button
      small
      look="quiet"
      icon={<FileText size={15} aria-hidden />}
      disabled={write.isPending}
      title="Writes what is known of each model beside its file, as other programs read it"
      onClick={() => write.mutate()}
    >
      {write.isPending ? 'Writing …' : 'Write sidecars'}
    </Button>
  )
}

function Progress({ scan }: { scan: ScanView }) {
  return (
    <div className="flex flex-col gap-1.5 border-t px-4 py-3 text-sm text-ink-2" role="status">
      <span className="nums">
        {scan.found.toLocaleString('en')} found, {scan.unchanged.toLocaleString('en')} unchanged
        {scan.failed > 0 && `, ${scan.failed.toLocaleString('en')} not readable`}, {bytes(scan.bytesHashed)}{' '}
        of {bytes(scan.bytesToHash)} read
      </span>
      <Meter value={scan.bytesToHash === 0 ? undefined : scan.bytesHashed / scan.bytesToHash} label="Scan" />
    </div>
  )
}
