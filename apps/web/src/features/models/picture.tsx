import { EyeOff, Film, Package } from 'lucide-react'
import clsx from 'clsx'
import { useState } from 'react'
import { meanColour, pictureAt, posterOf } from './pictures.ts'
import type { ExampleView } from '@easel/client'

/**
 * A picture that lies at its source: it may be gone, or not be let in. It fills its box, which has the picture's colour
 * until it is there. `fit` is how it fills it.
 */
export function Picture({
  example,
  alt,
  width,
  fit = 'cover',
  controls = false,
}: {
  example: ExampleView | undefined
  alt: string
  width: number
  fit?: 'cover' | 'contain'
  controls?: boolean
}) {
  const [state, setState] = useState<'coming' | 'here' | 'broken'>('coming')
  if (!example || state === 'broken') return <Nothing broken={state === 'broken'} alt={alt} />
  const shape = clsx('size-full', fit === 'cover' ? 'object-cover' : 'object-contain')
  if (example.kind === 'video') {
    return (
      <Video
        example={example}
        width={width}
        controls={controls}
        className={shape}
        broken={() => setState('broken')}
      />
    )
  }
  return (
    <img
      src={pictureAt(example.url, width)}
      srcSet={`${pictureAt(example.url, width)} 1x, ${pictureAt(example.url, 2 * width)} 2x`}
      alt={alt}
      loading="lazy"
      decoding="async"
      referrerPolicy="no-referrer"
      style={{
        backgroundColor: state === 'here' || fit === 'contain' ? undefined : meanColour(example.blurhash),
      }}
      className={shape}
      onLoad={() => setState('here')}
      onError={() => setState('broken')}
    />
  )
}

function Nothing({ broken, alt }: { broken: boolean; alt: string }) {
  return (
    <span
      className="grid size-full place-items-center text-ink-3"
      title={broken ? 'This picture could not be loaded' : undefined}
      {...(broken && alt !== '' && { role: 'img', 'aria-label': alt })}
    >
      {broken ? (
        <EyeOff size={26} strokeWidth={1.5} aria-hidden />
      ) : (
        <Package size={28} strokeWidth={1.25} className="opacity-60" aria-hidden />
      )}
    </span>
  )
}

/** Still until somebody points at it. */
function Video({
  example,
  width,
  controls,
  className,
  broken,
}: {
  example: ExampleView
  width: number
  controls: boolean
  className: string
  broken: () => void
}) {
  const poster = posterOf(example, width)
  return (
    <span
      className="relative block size-full"
      onPointerEnter={({ currentTarget }) => {
        // A browser that does not let it play leaves it still.
        void currentTarget
          .querySelector('video')
          ?.play()
          .catch(() => undefined)
      }}
      onPointerLeave={({ currentTarget }) => controls || currentTarget.querySelector('video')?.pause()}
    >
      <video
        src={example.url}
        {...(poster !== undefined && { poster })}
        muted
        loop
        playsInline
        controls={controls}
        preload={poster === undefined ? 'metadata' : 'none'}
        style={{ backgroundColor: controls ? undefined : meanColour(example.blurhash) }}
        className={className}
        onError={broken}
      />
      {!controls && (
        <Film
          size={15}
          className="absolute bottom-1.5 left-1.5 rounded-control bg-black/65 p-0.5 text-white"
          aria-label="Video"
        />
      )}
    </span>
  )
}
