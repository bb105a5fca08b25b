import { CircleAlert, Upload as UploadIcon, X } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Meter } from '../../ui/page.tsx'
import { dismissUploads, refuseUpload, uploadFiles, uploadStore } from './uploads.ts'
import type { Upload } from './uploads.ts'

export function UploadButton({ session }: { session: string | undefined }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={({ target }) => {
          uploadFiles([...(target.files ?? [])], session)
          target.value = ''
        }}
      />
      <Button icon={<UploadIcon size={16} aria-hidden />} onClick={() => input.current!.click()}>
        Upload
      </Button>
    </>
  )
}

/** Takes files that are dropped anywhere or pasted, and tells how far they are. */
export function UploadArea({ session }: { session: string | undefined }) {
  const isOver = useFileDrop((files) => uploadFiles(files, session))
  const uploads = useSyncExternalStore(uploadStore.watch, uploadStore.list)
  return (
    <>
      {isOver && (
        <div className="pointer-events-none fixed inset-3 z-50 grid place-items-center rounded-panel border-2 border-dashed border-accent bg-canvas/85">
          <p className="flex items-center gap-2 text-xl font-semibold">
            <UploadIcon size={24} aria-hidden /> Drop to upload
          </p>
        </div>
      )}
      {uploads.length > 0 && <Progress uploads={uploads} />}
    </>
  )
}

function Progress({ uploads }: { uploads: readonly Upload[] }) {
  const failed = uploads.filter(({ state }) => state === 'failed')
  const open = uploads.filter(({ state }) => state !== 'failed')
  const part = open.reduce((sum, { progress }) => sum + progress, 0) / Math.max(1, open.length)
  return (
    <section
      aria-label="Uploads"
      className="fixed right-4 bottom-20 left-4 z-30 flex flex-col gap-2 rounded-panel border bg-raised p-3 shadow-raised md:right-6 md:bottom-6 md:left-auto md:w-96"
    >
      <div className="flex items-center gap-2">
        <h2 className="flex-1 font-medium">
          {open.length > 0
            ? `Uploading ${count(open.length, 'file')}`
            : `${count(failed.length, 'file')} not uploaded`}
        </h2>
        <Button
          small
          look="quiet"
          icon={<X size={16} aria-hidden />}
          aria-label={open.length > 0 ? 'Stop the uploads' : 'Dismiss'}
          onClick={dismissUploads}
        />
      </div>
      {open.length > 0 && <Meter value={part} label="Uploaded" />}
      <ul className="flex max-h-40 flex-col gap-1.5 overflow-y-auto text-sm empty:hidden">
        {failed.map(({ id, name, words }) => (
          <li key={id} className="flex gap-2">
            <CircleAlert size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
            <span className="min-w-0">
              <span className="block truncate font-medium" dir="auto">
                {name}
              </span>
              <span className="text-ink-2">{words}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false

/** Whether files are held over the page. */
function useFileDrop(onFiles: (files: File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false)
  const latest = useRef(onFiles)
  latest.current = onFiles
  useEffect(() => {
    const end = new AbortController()
    const { signal } = end
    let leaving: ReturnType<typeof setTimeout> | undefined
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event) || event.defaultPrevented) return
      event.preventDefault()
      clearTimeout(leaving)
      // Told again and again while they are held there; leaving is not always told.
      leaving = setTimeout(() => setIsOver(false), 400)
      setIsOver(true)
    }
    const onDrop = (event: DragEvent) => {
      clearTimeout(leaving)
      setIsOver(false)
      if (!hasFiles(event) || event.defaultPrevented) return
      event.preventDefault()
      latest.current(filesOf(event.dataTransfer!))
    }
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length === 0 || event.defaultPrevented) return
      event.preventDefault()
      latest.current(files)
    }
    addEventListener('dragover', onOver, { signal })
    addEventListener('drop', onDrop, { signal })
    addEventListener('paste', onPaste, { signal })
    return () => {
      clearTimeout(leaving)
      end.abort()
    }
  }, [])
  return isOver
}

/** A folder looks like a file until it is read. */
function filesOf({ items, files }: DataTransfer): File[] {
  const folders = new Set(
    [...items].flatMap((item) => {
      const entry = item.webkitGetAsEntry()
      return entry?.isDirectory ? [entry.name] : []
    }),
  )
  for (const name of folders) refuseUpload(name, 'A folder cannot be uploaded. Drop the files in it.')
  return [...files].filter(({ name, type }) => type !== '' || !folders.has(name))
}
