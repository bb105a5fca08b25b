import { ImagePlus, X } from 'lucide-react'
import clsx from 'clsx'
import { useRef, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { tellError } from '../../ui/toasts.tsx'
import type { ClipboardEvent, DragEvent } from 'react'

/** The type under which an asset is dragged from the gallery. */
export const assetType = 'application/x-easel-asset'

type ImageInputProps = { label: string; value: string; onChange: (value: string) => void }

/** A picture by drop, paste, choice of a file, or one that is an asset already. */
export function ImageInput({ label, value, onChange }: ImageInputProps) {
  const chooser = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [over, setOver] = useState(false)
  const asset = value.startsWith('asset:') ? value.slice('asset:'.length) : undefined
  const upload = async (file: File | undefined) => {
    if (!file) return
    setBusy(true)
    try {
      const { id } = await easel.assets.upload(file, {
        filename: file.name || 'pasted.png',
        contentType: file.type || 'application/octet-stream',
      })
      onChange(`asset:${id}`)
    } catch (error) {
      tellError(error)
    } finally {
      setBusy(false)
    }
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    event.stopPropagation()
    setOver(false)
    const dragged = event.dataTransfer.getData(assetType)
    if (dragged !== '') onChange(`asset:${dragged}`)
    else void upload(event.dataTransfer.files[0])
  }
  const onPaste = (event: ClipboardEvent) => {
    const [file] = event.clipboardData.files
    if (!file) return
    event.stopPropagation()
    void upload(file)
  }
  return (
    <div className="flex flex-col gap-1">
      <span className="text-sm font-medium">{label}</span>
      <div
        onDrop={onDrop}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onPaste={onPaste}
        className={clsx(
          'flex min-h-24 items-center gap-3 rounded-panel border border-dashed p-2',
          over ? 'border-accent bg-accent-soft' : 'border-line-strong/60 bg-inset',
        )}
      >
        {asset !== undefined && (
          <img
            src={`/api/assets/${asset}/thumbnail?size=256`}
            alt={label}
            className="size-20 rounded-control object-cover"
          />
        )}
        <div className="flex min-w-0 flex-1 flex-col gap-1">
          <Button
            small
            className="self-start"
            icon={<ImagePlus size={15} aria-hidden />}
            disabled={busy}
            onClick={() => chooser.current?.click()}
          >
            {busy ? 'Uploading …' : asset === undefined ? 'Choose a file' : 'Choose another'}
          </Button>
          <p className="truncate text-sm text-ink-2">
            {asset === undefined && value !== '' ? value : 'or drop or paste one here'}
          </p>
        </div>
        {asset !== undefined && (
          <Button
            small
            look="quiet"
            icon={<X size={15} aria-hidden />}
            aria-label={`Remove ${label}`}
            onClick={() => onChange('')}
          />
        )}
      </div>
      <input
        ref={chooser}
        type="file"
        accept="image/*,video/*,audio/*"
        className="hidden"
        aria-label={label}
        onChange={(event) => {
          void upload(event.target.files?.[0])
          event.target.value = ''
        }}
      />
    </div>
  )
}
