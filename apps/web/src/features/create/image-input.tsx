import { ImagePlus, Images, X } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useRef, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { bytes } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { draggedAsset } from '../../lib/recipe.ts'
import { Button } from '../../ui/button.tsx'
import { AssetChooser } from './asset-chooser.tsx'
import { useUpload } from './upload.ts'
import type { DragEvent } from 'react'

type ImageInputProps = {
  id: string
  label: string
  value: string
  kind: 'image' | 'file'
  changed: boolean
  onChange: (value: string | undefined) => void
  takesPaste: boolean
}

/** A file by drop, paste, choice, or one of the gallery. */
export function ImageInput({ id, label, value, kind, changed, onChange, takesPaste }: ImageInputProps) {
  const chooser = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [choosing, setChoosing] = useState(false)
  const { upload, busy, problem, stop } = useUpload(kind, (assetId) => onChange(`asset:${assetId}`))
  const asset = value.startsWith('asset:') ? value.slice('asset:'.length) : undefined
  usePaste(takesPaste, upload)
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    event.stopPropagation()
    setOver(false)
    const dragged = event.dataTransfer.getData(draggedAsset)
    if (dragged !== '') onChange(`asset:${dragged}`)
    else void upload(event.dataTransfer.files[0])
  }
  return (
    <>
      <div
        onDrop={onDrop}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onPaste={({ clipboardData }) => {
          if (!takesPaste) void upload(clipboardData.files[0])
        }}
        className={clsx(
          'flex min-h-28 items-center gap-3 rounded-panel border border-dashed p-3 transition-colors',
          over ? 'border-accent bg-accent-soft' : 'border-line-strong/60 bg-inset',
        )}
      >
        {asset !== undefined && <Preview key={asset} id={asset} label={label} />}
        <div className="flex min-w-0 flex-1 flex-col gap-2">
          <div className="flex flex-wrap gap-2">
            <Button
              small
              icon={<ImagePlus size={15} aria-hidden />}
              disabled={busy}
              onClick={() => chooser.current?.click()}
            >
              {asset === undefined ? 'Choose a file' : 'Another file'}
            </Button>
            <Button
              small
              icon={<Images size={15} aria-hidden />}
              disabled={busy}
              onClick={() => setChoosing(true)}
            >
              Gallery
            </Button>
            {changed && !busy && (
              <Button
                small
                look="quiet"
                icon={<X size={15} aria-hidden />}
                aria-label={`Remove ${label}`}
                onClick={() => onChange(undefined)}
              />
            )}
          </div>
          {busy ? (
            <p role="status" className="flex items-center gap-2 text-sm text-ink-2">
              Uploading …
              <button type="button" className="rounded-control font-medium text-accent" onClick={stop}>
                Stop
              </button>
            </p>
          ) : problem === undefined ? (
            <p className="line-clamp-2 text-sm text-ink-2">
              {asset === undefined && value !== '' ? value : 'Dropping and pasting work, too.'}
            </p>
          ) : (
            <p role="alert" className="text-sm text-bad">
              {problem}
            </p>
          )}
        </div>
      </div>
      <input
        ref={chooser}
        id={id}
        type="file"
        tabIndex={-1}
        accept={kind === 'image' ? 'image/*' : 'video/*,audio/*,image/*,.safetensors,.latent,.glb'}
        className="sr-only"
        onChange={(event) => {
          void upload(event.target.files?.[0])
          event.target.value = ''
        }}
      />
      {choosing && (
        <AssetChooser
          label={label}
          kind={kind}
          onClose={() => setChoosing(false)}
          onChoose={(chosen) => {
            setChoosing(false)
            onChange(`asset:${chosen}`)
          }}
        />
      )}
    </>
  )
}

function Preview({ id, label }: { id: string; label: string }) {
  const { data, error } = useQuery({ queryKey: ['asset', id], queryFn: () => easel.assets.get(id) })
  const [broken, setBroken] = useState(false)
  return (
    <figure className="flex w-28 shrink-0 flex-col gap-1">
      {broken || error ? (
        <span className="grid h-20 place-items-center rounded-control bg-hover px-2 text-center text-xs text-ink-2">
          {error ? 'It is not here any more' : 'No preview'}
        </span>
      ) : (
        <img
          src={`/api/assets/${id}/thumbnail?size=256`}
          alt={label}
          className="h-20 w-28 rounded-control bg-hover object-contain"
          onError={() => setBroken(true)}
        />
      )}
      <figcaption className="nums truncate text-xs text-ink-2" title={data?.filename ?? undefined}>
        {data && isGiven(data.width) && isGiven(data.height)
          ? `${data.width} × ${data.height}`
          : data
            ? bytes(data.bytes)
            : ' '}
      </figcaption>
    </figure>
  )
}

/** Files that are pasted anywhere but into a text. */
function usePaste(on: boolean, take: (file: File | undefined) => Promise<void>): void {
  const latest = useRef(take)
  useEffect(() => {
    latest.current = take
  })
  useEffect(() => {
    if (!on) return
    const onPaste = ({ clipboardData }: ClipboardEvent) => {
      const file = clipboardData?.files[0]
      if (file && file.type !== 'application/json') void latest.current(file)
    }
    addEventListener('paste', onPaste)
    return () => removeEventListener('paste', onPaste)
  }, [on])
}
