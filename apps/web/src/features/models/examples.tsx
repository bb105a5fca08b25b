import { ChevronLeft, ChevronRight, ImageOff } from 'lucide-react'
import clsx from 'clsx'
import { useRef, useState } from 'react'
import { count } from '../../lib/format.ts'
import { ExampleSettings } from './example-settings.tsx'
import { Picture } from './picture.tsx'
import type { ModelView, VersionView } from '@easel/client'
import type { KeyboardEvent } from 'react'

/** What is made with it, one at a time: swiped on a phone, with the arrow keys elsewhere; below it how it was made. */
export function Examples({ model, version }: { model: ModelView; version: VersionView }) {
  const { images, hiddenImages } = version
  const [at, setAt] = useState(0)
  const stage = useRef<HTMLUListElement>(null)
  const shown = images[at]
  const goTo = (index: number) => {
    const { current } = stage
    current?.children[index]?.scrollIntoView({ behavior: motion(), block: 'nearest', inline: 'start' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    goTo(Math.min(images.length - 1, Math.max(0, at + step)))
  }
  if (images.length === 0) return <NoExamples hidden={hiddenImages} />
  return (
    <section aria-label="Examples" aria-roledescription="carousel" className="flex min-w-0 flex-col gap-2">
      <div className="relative">
        <ul
          ref={stage}
          tabIndex={0}
          aria-label="Examples, one at a time"
          onKeyDown={onKeyDown}
          onScroll={({ currentTarget: { scrollLeft, clientWidth } }) =>
            setAt(Math.round(scrollLeft / Math.max(1, clientWidth)))
          }
          className="flex h-[min(56dvh,32rem)] snap-x snap-mandatory overflow-x-auto rounded-panel bg-inset [scrollbar-width:none]"
        >
          {images.map((image, index) => (
            <li key={image.url} className="size-full shrink-0 snap-start" aria-current={index === at}>
              <Picture
                example={image}
                alt={image.prompt?.slice(0, 120) ?? `Example ${index + 1}`}
                width={832}
                fit="contain"
                controls
              />
            </li>
          ))}
        </ul>
        {images.length > 1 && (
          <>
            <Step side="left" disabled={at === 0} onStep={() => goTo(at - 1)} />
            <Step side="right" disabled={at === images.length - 1} onStep={() => goTo(at + 1)} />
            <span className="nums absolute right-2 bottom-2 rounded-control bg-black/65 px-1.5 py-0.5 text-xs text-white">
              {at + 1} / {images.length}
            </span>
          </>
        )}
      </div>
      {images.length > 1 && (
        <ul className="flex gap-1.5 overflow-x-auto p-0.5" aria-label="All examples">
          {images.map((image, index) => (
            <li key={image.url} className="shrink-0">
              <button
                type="button"
                aria-label={`Example ${index + 1}`}
                aria-pressed={index === at}
                onClick={() => goTo(index)}
                className="block size-14 overflow-hidden rounded-control bg-hover opacity-70 transition-opacity hover:opacity-100 aria-pressed:opacity-100 aria-pressed:ring-2 aria-pressed:ring-accent"
              >
                <Picture example={image} alt="" width={96} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {hiddenImages > 0 && <Hidden number={hiddenImages} />}
      {shown && <ExampleSettings key={shown.url} example={shown} model={model} version={version} />}
    </section>
  )
}

const motion = (): ScrollBehavior =>
  matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth'

function Step({ side, disabled, onStep }: { side: 'left' | 'right'; disabled: boolean; onStep: () => void }) {
  const Icon = side === 'left' ? ChevronLeft : ChevronRight
  return (
    <button
      type="button"
      aria-label={side === 'left' ? 'Example before' : 'Next example'}
      disabled={disabled}
      onClick={onStep}
      className={clsx(
        'absolute top-1/2 grid size-9 -translate-y-1/2 place-items-center rounded-full bg-black/55 text-white transition-opacity hover:bg-black/75 disabled:opacity-0 max-md:hidden',
        side === 'left' ? 'left-2' : 'right-2',
      )}
    >
      <Icon size={20} aria-hidden />
    </button>
  )
}

function Hidden({ number }: { number: number }) {
  return (
    <p className="text-sm text-ink-2">
      {count(number, 'example')} above your level {number === 1 ? 'is' : 'are'} not shown.
    </p>
  )
}

function NoExamples({ hidden }: { hidden: number }) {
  return (
    <section
      aria-label="Examples"
      className="flex h-28 flex-col items-center justify-center gap-2 rounded-panel bg-inset p-4 text-center text-ink-2"
    >
      <ImageOff size={26} strokeWidth={1.5} aria-hidden />
      {hidden > 0 ? <Hidden number={hidden} /> : <p>Its maker gave no example.</p>}
    </section>
  )
}
