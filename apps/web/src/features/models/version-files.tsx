import { CircleCheck, Copy, ShieldAlert, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { bytes } from '../../lib/format.ts'
import { copyText } from '../../lib/copy.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { findFetched, useUnderWay } from '../downloads/under-way.ts'
import type { DownloadView, ModelFileView, ModelView, VersionView } from '@easel/client'
import { toFile } from './models-search.ts'
import type { Go } from './models-search.ts'

const mostInSight = 8

/** What each file of a version is, is hashed to, and whether it is safe. */
export function VersionFiles({ model, version, go }: { model: ModelView; version: VersionView; go: Go }) {
  const [all, setAll] = useState(false)
  const underWay = useUnderWay()
  const { files } = version
  const telling = files.filter(({ format, primary }) => format !== 'other' || primary)
  const shown = all ? files : (telling.length > 0 ? telling : files).slice(0, mostInSight)
  if (files.length === 0) return null
  return (
    <section>
      <h3 className="mb-1.5 font-medium">{files.length === 1 ? 'File' : `${files.length} files`}</h3>
      <ul className="divide-y rounded-panel border">
        {shown.map((file) => (
          <File key={file.id} model={model} file={file} underWay={underWay} go={go} />
        ))}
      </ul>
      {files.length > shown.length && (
        <Button small look="quiet" className="mt-1" onClick={() => setAll(true)}>
          Show all {files.length}
        </Button>
      )}
    </section>
  )
}

type FileProps = {
  model: ModelView
  file: ModelFileView
  underWay: readonly DownloadView[]
  go: Go
}

function File({ model, file, underWay, go }: FileProps) {
  const fetched = isGiven(file.libraryFileId) ? undefined : findFetched(underWay, file)
  return (
    <li className="flex flex-col gap-1 px-3 py-2 text-sm">
      <p className="flex items-start gap-2">
        <span className="min-w-0 flex-1 font-medium break-all" title={file.name}>
          {file.name}
        </span>
        {isGiven(file.libraryFileId) ? (
          <button
            type="button"
            className="inline-flex shrink-0 items-center gap-1 font-medium text-good hover:underline"
            onClick={() => go(toFile(file.libraryFileId!), false)}
          >
            <CircleCheck size={14} aria-hidden /> Here
          </button>
        ) : (
          fetched && <span className="nums shrink-0 font-medium text-busy">{percentOf(fetched.file)}</span>
        )}
      </p>
      <p className="nums flex flex-wrap gap-x-2 text-ink-2">
        {[
          isGiven(file.bytes) && bytes(file.bytes),
          file.precision,
          file.format,
          file.role,
          model.source !== 'local' && file.folder && `into ${file.folder}`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <Safety file={file} />
      <Hashes file={file} />
    </li>
  )
}

const percentOf = ({ bytesDone, bytesTotal }: { bytesDone: number; bytesTotal?: number | null }) =>
  isGiven(bytesTotal) && bytesTotal > 0 ? `${Math.floor((100 * bytesDone) / bytesTotal)} %` : 'Coming'

/** What those who scanned it say. Formats that cannot hold code need no scan. */
function Safety({ file: { pickleScan, virusScan, unsafe, format } }: { file: ModelFileView }) {
  const bad = [pickleScan, virusScan].some((scan) => isGiven(scan) && /danger|fail|infect|error/i.test(scan))
  const good = [pickleScan, virusScan].some((scan) => isGiven(scan) && /success|clean|ok|safe/i.test(scan))
  if (bad || unsafe) {
    return (
      <p className="flex items-start gap-1 text-bad">
        <ShieldAlert size={14} className="mt-0.5 shrink-0" aria-hidden />
        {bad
          ? 'Its scan found something that should not be there. Leave it.'
          : 'It can run code when it is loaded. Take a safetensors file where there is one.'}
      </p>
    )
  }
  if (!good && format !== 'safetensors' && format !== 'gguf') return null
  return (
    <p className="flex items-center gap-1 text-good">
      <ShieldCheck size={14} className="shrink-0" aria-hidden />
      {good ? 'Scanned, nothing found' : 'Holds numbers only, no code'}
    </p>
  )
}

function Hashes({ file: { sha256, autoV2, autoV3 } }: { file: ModelFileView }) {
  const hashes = [
    ['SHA-256', sha256],
    ['AutoV2', autoV2],
    ['AutoV3', autoV3],
  ].filter((hash): hash is [string, string] => isGiven(hash[1]))
  if (hashes.length === 0) return null
  return (
    <p className="-mx-1 flex flex-wrap gap-x-1">
      {hashes.map(([name, hash]) => (
        <button
          key={name}
          type="button"
          title={`Copy ${name}: ${hash}`}
          onClick={() => void copyText(hash, name)}
          className="inline-flex items-center gap-1 rounded-control px-1 text-xs text-ink-2 hover:bg-hover hover:text-ink max-md:min-h-9"
        >
          <Copy size={11} aria-hidden /> {name} <code>{hash.slice(0, 10).toLowerCase()}</code>
        </button>
      ))}
    </p>
  )
}
