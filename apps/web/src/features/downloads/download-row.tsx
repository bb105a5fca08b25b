import { useQuery } from '@tanstack/react-query'
import { ago, bytes, count, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Meter, Status } from '../../ui/page.tsx'
import { DownloadActions } from './download-actions.tsx'
import { isUnderWay, lineOf, states } from './download-words.ts'
import { Refusal } from './refusal.tsx'
import { downloadQuery } from './under-way.ts'
import type { DownloadFileView, DownloadView } from '@easel/client'

type RowProps = {
  download: DownloadView
  chosen: boolean
  /** Left out for those who may not fetch. */
  onChoose?: (chosen: boolean) => void
}

/** `download` as the list has it; the event stream keeps the newer one under its id. */
export function DownloadRow({ download: listed, chosen, onChoose }: RowProps) {
  const { data: live } = useQuery({ ...downloadQuery(listed.id), enabled: false })
  const download = isUnderWay(listed) && live ? live : listed
  const { name, tone } = states[download.status]
  const title = download.title ?? download.filename ?? nameIn(download.url)
  const files = download.files ?? []
  const share =
    isGiven(download.bytesTotal) && download.bytesTotal > 0
      ? download.bytesDone / download.bytesTotal
      : undefined
  return (
    <li className="flex gap-3 px-4 py-3">
      {onChoose && (
        <input
          type="checkbox"
          className="mt-1 size-4 shrink-0 accent-(--accent)"
          aria-label={`Choose ${title}`}
          checked={chosen}
          onChange={({ target }) => onChoose(target.checked)}
        />
      )}
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <div className="min-w-0 flex-1 basis-60">
            <p className="flex items-center gap-3">
              <span className="truncate font-medium" title={title} dir="auto">
                {title}
              </span>
              <Status tone={tone}>
                {download.status === 'running' && share !== undefined ? `${Math.floor(share * 100)} %` : name}
              </Status>
            </p>
            <p className="nums truncate text-sm text-ink-2" title={download.url}>
              {lineOf(download)}
            </p>
          </div>
          <time
            className="text-sm text-ink-3 max-md:hidden"
            dateTime={download.createdAt}
            title={exactTime(download.createdAt)}
          >
            {ago(download.createdAt)}
          </time>
          {onChoose && <DownloadActions download={download} title={title} />}
        </div>
        {['running', 'verifying', 'paused'].includes(download.status) && (
          <Meter
            value={share}
            label={`Progress of ${title}`}
            tone={download.status === 'paused' ? 'warn' : 'accent'}
          />
        )}
        {download.error && <Refusal code={download.error.code} message={download.error.message} />}
        {files.length > 1 && <Files files={files} open={isUnderWay(download) && files.length <= 8} />}
      </div>
    </li>
  )
}

/** The last part of an address that tells no name. */
function nameIn(url: string): string {
  const last = URL.canParse(url) ? new URL(url).pathname.split('/').at(-1) : ''
  return last === '' || last === undefined ? url : last
}

function Files({ files, open }: { files: readonly DownloadFileView[]; open: boolean }) {
  const done = files.filter(({ status }) => status === 'completed').length
  return (
    <details className="text-sm" open={open}>
      <summary className="text-ink-2">
        {count(files.length, 'file')}
        {done < files.length && `, ${done} of them here`}
      </summary>
      <ul className="mt-1 flex flex-col gap-1">
        {files.map((file) => (
          <File key={file.transferId} file={file} />
        ))}
      </ul>
    </details>
  )
}

function File({ file }: { file: DownloadFileView }) {
  const { name, tone } = states[file.status]
  const { status, bytesDone, bytesTotal } = file
  const share = isGiven(bytesTotal) && bytesTotal > 0 ? bytesDone / bytesTotal : undefined
  const isComing = status === 'running' || status === 'paused'
  return (
    <li className="flex flex-col gap-0.5">
      <p className="flex items-center gap-3">
        <span className="min-w-0 flex-1 truncate" title={`${file.folder}/${file.filename ?? ''}`}>
          <span className="text-ink-3">{file.folder}/</span>
          {file.filename}
        </span>
        <span className="nums shrink-0 text-ink-2">{isGiven(bytesTotal) && bytes(bytesTotal)}</span>
        <Status tone={tone}>
          {file.reused
            ? 'Was here'
            : status === 'running' && share !== undefined
              ? `${Math.floor(100 * share)} %`
              : name}
        </Status>
      </p>
      {isComing && share !== undefined && (
        <div className="h-0.5 overflow-hidden rounded-full bg-hover" aria-hidden>
          <div className="h-full bg-accent" style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {file.error && <p className="text-bad">{file.error.message}</p>}
    </li>
  )
}
