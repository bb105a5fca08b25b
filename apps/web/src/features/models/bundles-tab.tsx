import { useQuery } from '@tanstack/react-query'
import { ArrowDownToLine, Boxes } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { bytes, count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Panel, Status } from '../../ui/page.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { useInstall } from './install.ts'
import { isGiven } from '../../lib/given.ts'
import type { BundleFileStatus, BundleStatus, BundleView } from '@easel/client'
import type { Go, ModelsSearch } from './models-search.ts'

export function BundlesTab({ search, go }: { search: ModelsSearch; go: Go }) {
  const { q } = search
  const { data, error, refetch } = useQuery({
    queryKey: ['bundles', q],
    queryFn: () => easel.bundles.list({ limit: 200, ...(q !== undefined && { q }) }),
  })
  return (
    <>
      <div role="search" className="flex">
        <SearchBox
          label="Search bundles"
          placeholder="Wan, FLUX, Qwen …"
          value={q ?? ''}
          onChange={(text) => go({ q: text === '' ? undefined : text })}
        />
      </div>
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={5} />}
      {data?.items.length === 0 && (
        <Empty title="No bundle has this name" icon={<Boxes size={28} strokeWidth={1.5} />}>
          A bundle is a list of the files that a kind of work needs.
        </Empty>
      )}
      <ul className="grid items-start gap-4 lg:grid-cols-2">
        {data?.items.map((bundle) => (
          <li key={bundle.id}>
            <Bundle bundle={bundle} />
          </li>
        ))}
      </ul>
    </>
  )
}

const states = {
  present: { name: 'Installed', tone: 'good' },
  partial: { name: 'In part', tone: 'warn' },
  missing: { name: 'Not installed', tone: 'neutral' },
} as const

function Bundle({ bundle }: { bundle: BundleView }) {
  const { data: status } = useQuery({
    queryKey: ['downloads', 'bundle', bundle.id],
    queryFn: () => easel.bundles.status(bundle.id),
    staleTime: 30_000,
  })
  const install = useInstall(bundle.name)
  const state = status && states[status.state]
  const missing = status?.files.filter((file) => file.state !== 'present') ?? []
  return (
    <Panel>
      <div className="flex flex-col gap-2 p-4">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h2 className="text-lg font-medium" dir="auto">
            {bundle.name}
          </h2>
          {state && <Status tone={state.tone}>{state.name}</Status>}
        </div>
        {isGiven(bundle.description) && <p className="text-ink-2">{bundle.description}</p>}
        {status && status.state === 'partial' && (
          <Meter value={status.progress} label={`${bundle.name} installed`} />
        )}
        <div className="flex flex-wrap items-center gap-2">
          {status?.state !== 'present' && (
            <Button
              small
              look="primary"
              icon={<ArrowDownToLine size={15} aria-hidden />}
              disabled={install.isPending || install.isSuccess}
              onClick={() => install.mutate({ source: 'bundle', bundleId: bundle.id })}
            >
              {install.isSuccess
                ? 'Being fetched'
                : missing.length > 0
                  ? `Fetch ${count(missing.length, 'file')}`
                  : 'Install'}
            </Button>
          )}
          <span className="nums text-sm text-ink-2">
            {sizeOf(bundle, status)}
            {isGiven(bundle.licence) && ` · ${bundle.licence}`}
          </span>
        </div>
      </div>
      <details className="border-t">
        <summary className="px-4 py-2 text-sm text-ink-2">{count(bundle.files.length, 'file')}</summary>
        <ul className="divide-y border-t text-sm">
          {(status?.files ?? []).map((file) => (
            <File key={`${file.folder}/${file.filename}`} file={file} />
          ))}
        </ul>
      </details>
    </Panel>
  )
}

/** Of some bundles nobody has told the sizes. */
function sizeOf({ bytes: total }: BundleView, status: BundleStatus | undefined): string {
  if (status && status.bytesTotal > 0)
    return `${bytes(status.bytesPresent)} of ${bytes(status.bytesTotal)} here`
  return total > 0 ? bytes(total) : 'size not known before'
}

const fileStates: Record<
  BundleFileStatus['state'],
  { name: string; tone: 'good' | 'busy' | 'warn' | 'bad' | 'neutral' }
> = {
  present: { name: 'Here', tone: 'good' },
  downloading: { name: 'Coming', tone: 'busy' },
  partial: { name: 'In part', tone: 'warn' },
  wrong: { name: 'Wrong content', tone: 'bad' },
  missing: { name: 'Missing', tone: 'neutral' },
}

function File({ file }: { file: BundleFileStatus }) {
  const { name, tone } = fileStates[file.state]
  return (
    <li className="flex items-center gap-3 px-4 py-1.5">
      <span className="min-w-0 flex-1 truncate" title={`${file.folder}/${file.filename}`}>
        <span className="text-ink-3">{file.folder}/</span>
        {file.filename}
      </span>
      {file.optional && <span className="text-ink-3">optional</span>}
      <span className="nums text-ink-2">{isGiven(file.bytes) && bytes(file.bytes)}</span>
      <Status tone={tone}>
        {file.state === 'downloading' ? `${Math.round(file.progress * 100)} %` : name}
      </Status>
    </li>
  )
}
