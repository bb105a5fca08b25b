import { useNavigate } from '@tanstack/react-router'
import { useRef } from 'react'
import { draggedAsset } from '../../lib/recipe.ts'
import { nameOfAsset } from './asset-name.ts'
import type { DragEvent } from 'react'
import type { AssetView } from '@easel/client'

/** Held so long over the link to Create, a picture opens it. */
const restMs = 500

/** A picture can be dragged to an image input (Create opens while it is held over its link), or out of the page. */
export function useDragOut(assets: readonly AssetView[]) {
  const navigate = useNavigate()
  const ending = useRef<AbortController>(undefined)

  const onDragStart = (event: DragEvent) => {
    const id = (event.target as Element).closest<HTMLElement>('[data-tile]')?.dataset['tile']
    const asset = assets.find((each) => each.id === id)
    // With Shift a band is drawn.
    if (!asset || event.shiftKey) return event.preventDefault()
    const url = new URL(asset.url, location.href).href
    const { dataTransfer } = event
    dataTransfer.effectAllowed = 'copy'
    dataTransfer.setData(draggedAsset, asset.id)
    dataTransfer.setData('text/uri-list', url)
    dataTransfer.setData('text/plain', nameOfAsset(asset))
    dataTransfer.setData('DownloadURL', `${asset.mime}:${asset.filename ?? asset.id}:${url}`)

    ending.current?.abort()
    const end = new AbortController()
    ending.current = end
    let over: { link: Element; since: number } | undefined
    const onOver = ({ target, timeStamp }: globalThis.DragEvent) => {
      const link = target instanceof Element ? target.closest('nav a[href^="/create"]') : null
      if (!link) over = undefined
      else if (over?.link !== link) over = { link, since: timeStamp }
      else if (timeStamp - over.since > restMs) {
        end.abort()
        void navigate({ to: '/create' })
      }
    }
    document.addEventListener('dragover', onOver, { signal: end.signal })
    document.addEventListener('dragend', () => end.abort(), { signal: end.signal })
    document.addEventListener('drop', () => end.abort(), { signal: end.signal })
  }
  return { onDragStart }
}
