import { ArrowDownToLine, CircleCheck, CircleArrowUp, Heart, Lock, Pause, Star } from 'lucide-react'
import { memo } from 'react'
import { bytes } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Picture } from './picture.tsx'
import { sources, typeNames } from './models-words.ts'
import type { DownloadView, ModelCard } from '@easel/client'

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

type TileProps = {
  card: ModelCard
  family: string | undefined
  /** That brings something of it. */
  download: DownloadView | undefined
  onOpen: () => void
}

export const ModelTile = memo(
  function ModelTile({ card, family, download, onOpen }: TileProps) {
    const { name, type, creator, image, gate, favorite, source } = card
    return (
      <button
        type="button"
        onClick={onOpen}
        className="group flex size-full flex-col overflow-hidden rounded-panel border bg-panel text-left transition-colors hover:border-line-strong"
      >
        <span className="relative block aspect-[3/4] w-full overflow-hidden bg-hover">
          <Picture example={image ?? undefined} alt="" width={320} />
          <span className="absolute inset-x-1.5 top-1.5 flex flex-wrap gap-1 pr-7">
            <Badge>{typeNames[type]}</Badge>
            {family !== undefined && <Badge>{family}</Badge>}
          </span>
          {favorite && (
            <span className="absolute top-1.5 right-1.5">
              <Badge>
                <Star size={12} className="my-0.5" fill="currentColor" aria-label="Favourite" />
              </Badge>
            </span>
          )}
          {gate !== 'open' && (
            <span className="absolute right-1.5 bottom-1.5">
              <Badge>
                <span className="inline-flex items-center gap-1">
                  <Lock size={12} aria-hidden /> {gate === 'early-access' ? 'Early access' : 'Gated'}
                </span>
              </Badge>
            </span>
          )}
        </span>
        <span className="flex w-full flex-1 flex-col gap-0.5 p-2.5">
          <span className="line-clamp-2 font-medium" title={name} dir="auto">
            {name}
          </span>
          <span className="nums flex gap-2 text-sm text-ink-2">
            <span className="min-w-0 flex-1 truncate">
              {[creator, sources[source]].filter(Boolean).join(' · ')}
            </span>
            {isGiven(card.bytes) && <span className="shrink-0">{bytes(card.bytes)}</span>}
          </span>
          <Facts card={card} download={download} />
        </span>
      </button>
    )
  },
  (one, other) => one.card === other.card && one.family === other.family && one.download === other.download,
)

function Facts({ card, download }: Pick<TileProps, 'card' | 'download'>) {
  const { downloads, likes, installed, updateAvailable } = card
  return (
    <span className="nums mt-auto flex h-5 items-center gap-2.5 text-sm text-ink-2">
      {download && ['queued', 'running', 'verifying', 'paused'].includes(download.status) ? (
        <Fetching download={download} />
      ) : installed.state === 'none' ? (
        <>
          {downloads > 0 && (
            <span className="flex items-center gap-1">
              <ArrowDownToLine size={13} aria-label="Downloads" /> {compact.format(downloads)}
            </span>
          )}
          {likes > 0 && (
            <span className="flex items-center gap-1">
              <Heart size={13} aria-label="Likes" /> {compact.format(likes)}
            </span>
          )}
        </>
      ) : updateAvailable ? (
        <span className="flex items-center gap-1 font-medium text-accent">
          <CircleArrowUp size={13} aria-hidden /> Newer version
        </span>
      ) : (
        <span className="flex items-center gap-1 font-medium text-good">
          <CircleCheck size={13} aria-hidden /> {installed.state === 'partial' ? 'In part' : 'Installed'}
        </span>
      )}
    </span>
  )
}

function Fetching({ download: { status, bytesDone, bytesTotal } }: { download: DownloadView }) {
  const percent =
    isGiven(bytesTotal) && bytesTotal > 0 ? Math.floor((100 * bytesDone) / bytesTotal) : undefined
  return (
    <span className="flex items-center gap-1 font-medium text-busy">
      {status === 'paused' ? <Pause size={13} aria-hidden /> : <ArrowDownToLine size={13} aria-hidden />}
      {status === 'queued'
        ? 'Waiting'
        : status === 'paused'
          ? 'Paused'
          : percent === undefined
            ? 'Coming'
            : `${percent} %`}
    </span>
  )
}

function Badge({ children }: { children: React.ReactNode }) {
  return (
    <span className="max-w-full truncate rounded-control bg-black/65 px-1.5 py-0.5 text-xs font-medium text-white">
      {children}
    </span>
  )
}
