import { Link } from '@tanstack/react-router'
import { Copy, Download, FileBox } from 'lucide-react'
import { copyText } from '../../lib/copy.ts'
import { bytes } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { draggedAsset } from '../../lib/recipe.ts'
import type { JobOutput, JobView } from '@easel/client'

/** What a workflow only previews is shown when it keeps nothing. */
export function shownOutputs({ outputs }: JobView): JobOutput[] {
  const kept = outputs.filter(({ temporary }) => !temporary)
  return kept.length > 0 ? kept : outputs
}

const maxHeight = 560

export function Outputs({ outputs }: { outputs: readonly JobOutput[] }) {
  if (outputs.length === 0) return null
  const seen = outputs.filter(({ kind }) => isSeen(kind))
  const others = outputs.filter(({ kind }) => !isSeen(kind))
  return (
    <>
      {seen.length > 0 && (
        <div
          className="grid gap-px border-b bg-line"
          style={{
            gridTemplateColumns: `repeat(${seen.length === 1 ? 1 : seen.length < 5 ? 2 : 3}, minmax(0, 1fr))`,
          }}
        >
          {seen.map((output) => (
            <Seen key={output.assetId} output={output} />
          ))}
        </div>
      )}
      {others.map((output) => (
        <Other key={output.assetId} output={output} />
      ))}
    </>
  )
}

const isSeen = (kind: JobOutput['kind']): boolean =>
  kind === 'image' || kind === 'animation' || kind === 'video'

function Seen({ output }: { output: JobOutput }) {
  const { kind, assetId, width, height, url, filename } = output
  const box = { aspectRatio: width && height ? `${width} / ${height}` : '1', maxHeight }
  if (kind === 'video') {
    return (
      <video
        src={url}
        controls
        loop
        muted
        playsInline
        preload="metadata"
        aria-label={filename ?? 'Film'}
        className="w-full bg-inset object-contain"
        style={box}
      />
    )
  }
  return (
    <Link
      to="/gallery"
      search={{ asset: assetId }}
      aria-label={`Open ${filename ?? 'the result'} in the gallery`}
      draggable
      onDragStart={({ dataTransfer }) => {
        dataTransfer.setData(draggedAsset, assetId)
        dataTransfer.effectAllowed = 'copy'
      }}
      className="block bg-inset -outline-offset-2"
      style={box}
    >
      <Picture output={output} />
    </Link>
  )
}

/** Small where a small one is enough; what moves as it is. */
export function Picture({ output, small = false }: { output: JobOutput; small?: boolean }) {
  const { kind, assetId, url, filename } = output
  const thumbnail = (size: number) => `/api/assets/${assetId}/thumbnail?size=${size}`
  const still =
    kind === 'animation'
      ? { src: url }
      : small
        ? { src: thumbnail(256) }
        : {
            src: thumbnail(512),
            srcSet: `${thumbnail(512)} 512w, ${thumbnail(1024)} 1024w`,
            sizes: '(min-width: 1200px) 30vw, 90vw',
          }
  return (
    <img
      {...still}
      alt={filename ?? 'Result'}
      loading="lazy"
      draggable={false}
      className={small ? 'size-full object-cover' : 'size-full object-contain'}
      onError={({ currentTarget }) => {
        // The thumbnail is made a moment after the picture.
        if (currentTarget.src.endsWith(url)) return
        currentTarget.srcset = ''
        currentTarget.src = url
      }}
    />
  )
}

function Other({ output }: { output: JobOutput }) {
  const { kind, url, filename, text, bytes: size } = output
  if (kind === 'text') {
    return (
      <div className="flex items-start gap-2 border-b p-3">
        <p className="max-h-80 min-w-0 flex-1 overflow-y-auto whitespace-pre-wrap" dir="auto">
          {text}
        </p>
        <Button
          small
          look="quiet"
          icon={<Copy size={15} aria-hidden />}
          aria-label="Copy the text"
          onClick={() => void copyText(text ?? '', 'Text')}
        />
      </div>
    )
  }
  if (kind === 'audio') {
    return (
      <div className="border-b p-3">
        <audio src={url} controls preload="metadata" className="w-full" aria-label={filename ?? 'Sound'} />
      </div>
    )
  }
  return (
    <a
      href={`${url}?download`}
      download={filename ?? true}
      className="flex items-center gap-2.5 border-b p-3 -outline-offset-2 hover:bg-hover"
    >
      <FileBox size={18} className="shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 flex-1 truncate">{filename ?? 'File'}</span>
      <span className="nums text-sm text-ink-2">{bytes(size)}</span>
      <Download size={16} className="text-ink-2" aria-hidden />
    </a>
  )
}
