import { ArrowDownToLine, CircleCheck, EyeOff, Lock, Package, Star } from 'lucide-react'
import { useState } from 'react'
import { bytes } from '../../lib/format.ts'
import { sources, typeNames } from './models-search.ts'
import { isGiven } from '../../lib/given.ts'
import type { ExampleView, ModelCard } from '@easel/client'

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export function ModelTile({ card, onOpen }: { card: ModelCard; onOpen: () => void }) {
  const {
    name,
    type,
    family,
    baseModel,
    creator,
    image,
    downloads,
    installed,
    updateAvailable,
    gate,
    favorite,
    source,
  } = card
  return (
    <button
      type="button"
      onClick={onOpen}
      className="group flex w-full flex-col overflow-hidden rounded-panel border bg-panel text-left transition-colors hover:border-line-strong"
    >
      <span className="relative block aspect-[3/4] w-full overflow-hidden bg-hover">
        <Example example={image ?? undefined} alt="" />
        <span className="absolute inset-x-1.5 top-1.5 flex flex-wrap gap-1">
          <Badge>{typeNames[type]}</Badge>
          {isGiven(family ?? baseModel) && <Badge>{baseModel ?? family}</Badge>}
        </span>
        <span className="absolute right-1.5 bottom-1.5 flex gap-1">
          {favorite && (
            <Badge>
              <Star size={12} fill="currentColor" aria-label="Favourite" />
            </Badge>
          )}
          {gate !== 'open' && (
            <Badge>
              <Lock size={12} aria-label={gate === 'early-access' ? 'Early access' : 'Needs approval'} />
            </Badge>
          )}
        </span>
      </span>
      <span className="flex w-full flex-col gap-0.5 p-2.5">
        <span className="line-clamp-2 min-h-10 font-medium" title={name} dir="auto">
          {name}
        </span>
        <span className="truncate text-sm text-ink-2">
          {[creator, sources[source]].filter(Boolean).join(' · ')}
        </span>
        <span className="nums flex items-center gap-2 text-sm text-ink-2">
          {installed.state === 'none' ? (
            <span className="flex items-center gap-1">
              <ArrowDownToLine size={13} aria-label="Downloads" /> {compact.format(downloads)}
            </span>
          ) : (
            <span className="flex items-center gap-1 font-medium text-good">
              <CircleCheck size={13} aria-hidden />{' '}
              {updateAvailable ? 'Update' : installed.state === 'partial' ? 'In part' : 'Installed'}
            </span>
          )}
          {isGiven(card.bytes) && <span className="ml-auto">{bytes(card.bytes)}</span>}
        </span>
      </span>
    </button>
  )
}

function Badge({ children }: { children: React.ReactNode }) {
  return (
    <span className="max-w-full truncate rounded-control bg-black/65 px-1.5 py-0.5 text-xs font-medium text-white">
      {children}
    </span>
  )
}

/** A picture of somewhere else: it may be gone, or not be let in. */
export function Example({ example, alt }: { example: ExampleView | undefined; alt: string }) {
  const [broken, setBroken] = useState(false)
  if (!example || broken) {
    return (
      <span className="grid size-full place-items-center text-ink-3">
        {broken ? (
          <EyeOff size={26} strokeWidth={1.5} aria-hidden />
        ) : (
          <Package size={30} strokeWidth={1.25} aria-hidden />
        )}
      </span>
    )
  }
  if (example.kind === 'video') {
    return (
      <video
        src={example.url}
        muted
        loop
        playsInline
        preload="metadata"
        className="size-full object-cover"
        onError={() => setBroken(true)}
      />
    )
  }
  return (
    <img
      src={example.url}
      alt={alt}
      loading="lazy"
      decoding="async"
      referrerPolicy="no-referrer"
      className="size-full object-cover"
      onError={() => setBroken(true)}
    />
  )
}
