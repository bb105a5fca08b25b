import { useQuery } from '@tanstack/react-query'
import { ArrowDownToLine } from 'lucide-react'
import { useState } from 'react'
import { useRights } from '../../api/rights.ts'
import { bytes, count } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Meter, Panel, Status } from '../../ui/page.tsx'
import { Filter } from '../../ui/search-box.tsx'
import { RefusalOf } from '../downloads/refusal.tsx'
import { variantsOf, withProgress } from './bundle-progress.ts'
import { bundleStatusQuery } from './bundle-query.ts'
import { useInstall } from './install.ts'
import type { BundleFileStatus, BundleStatus, BundleView, DownloadView } from '@easel/client'

const states = {
  present: { name: 'Installed', tone: 'good' },
  partial: { name: 'In part', tone: 'warn' },
  missing: { name: 'Not installed', tone: 'neutral' },
} as const

type BundleProps = {
  bundle: BundleView
  status: BundleStatus | undefined
  underWay: readonly DownloadView[]
  chosen: boolean
  /** Left out for those who may not fetch. */
  onChoose?: (chosen: boolean) => void
}

export function Bundle({ bundle, status: usual, underWay, chosen, onChoose }: BundleProps) {
  const rights = useRights()
  const [variant, setVariant] = useState<string>()
  const { data: asked } = useQuery({
    ...bundleStatusQuery(bundle.id, variant),
    enabled: variant !== undefined,
  })
  const known = variant === undefined ? usual : (asked ?? usual)
  const status = known && withProgress(known, underWay)
  const install = useInstall()
  const coming = status?.files.some(({ state }) => state === 'downloading') ?? false
  const missing = status?.files.filter(({ state, optional }) => state !== 'present' && !optional) ?? []
  const variants = variantsOf(bundle)
  return (
    <Panel className={chosen ? 'border-accent' : ''}>
      <div className="flex flex-col gap-2 p-4">
        <div className="flex items-start gap-3">
          {onChoose && (
            <input
              type="checkbox"
              className="mt-1 size-4 accent-(--accent)"
              aria-label={`Choose ${bundle.name}`}
              checked={chosen}
              onChange={({ target }) => onChoose(target.checked)}
            />
          )}
          <h2 className="min-w-0 flex-1 text-lg font-medium" dir="auto">
            {bundle.name}
          </h2>
          {status && (
            <Status tone={coming ? 'busy' : states[status.state].tone}>
              {coming ? `${Math.floor(status.progress * 100)} %` : states[status.state].name}
            </Status>
          )}
        </div>
        {isGiven(bundle.description) && <p className="text-ink-2">{bundle.description}</p>}
        {status && (coming || status.state === 'partial') && (
          <Meter
            value={status.progress}
            label={`${bundle.name} installed`}
            tone={coming ? 'accent' : 'warn'}
          />
        )}
        <div className="flex flex-wrap items-center gap-2">
          {rights.fetch && status && status.state !== 'present' && !coming && (
            <Button
              small
              icon={<ArrowDownToLine size={15} aria-hidden />}
              disabled={install.isPending}
              onClick={() =>
                install.mutate({
                  source: 'bundle',
                  bundleId: bundle.id,
                  ...(variant !== undefined && { variant }),
                })
              }
            >
              {install.isPending ? 'Looking it up …' : `Fetch ${count(missing.length, 'file')}`}
            </Button>
          )}
          {variants.length > 1 && status?.state !== 'present' && (
            <Filter label="Precision" value={variant ?? ''} onChoose={setVariant}>
              <option value="">Usual precision</option>
              {variants.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </Filter>
          )}
          <span className="nums text-sm text-ink-2">
            {sizeOf(bundle, status)}
            {isGiven(bundle.licence) && ` · ${bundle.licence}`}
          </span>
        </div>
        {install.error && <RefusalOf error={install.error} />}
      </div>
      <details className="border-t">
        <summary className="px-4 py-2 text-sm text-ink-2">
          {count(status?.files.length ?? bundle.files.length, 'file')}
        </summary>
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
    return status.bytesPresent === 0 || status.state === 'present'
      ? bytes(status.bytesTotal)
      : `${bytes(status.bytesPresent)} of ${bytes(status.bytesTotal)} here`
  return total > 0 ? bytes(total) : 'Size not known before'
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
  const share = `${Math.floor(file.progress * 100)} %`
  return (
    <li className="flex flex-wrap items-center gap-x-3 px-4 py-1.5">
      <span className="min-w-0 flex-1 basis-40 truncate" title={`${file.folder}/${file.filename}`}>
        <span className="text-ink-3">{file.folder}/</span>
        {file.filename}
      </span>
      {file.optional && <span className="text-ink-3">optional</span>}
      <span className="nums text-ink-2">{isGiven(file.bytes) && bytes(file.bytes)}</span>
      <Status tone={tone}>{file.state === 'downloading' || file.state === 'partial' ? share : name}</Status>
    </li>
  )
}
