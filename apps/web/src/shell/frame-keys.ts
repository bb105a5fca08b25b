import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { commandKey, isCovered, isForNobodyElse } from '../lib/keys.ts'
import { openKeys, openPalette } from './openings.ts'
import { views } from './views.ts'
import type { KeyLine } from '../lib/keys.ts'

/** How long `G` waits for its second letter. */
const patienceMs = 1_500

export const frameKeys: readonly KeyLine[] = [
  { keys: [commandKey, 'K'], does: 'Go anywhere, find anything' },
  { keys: ['?'], does: 'This list' },
  { keys: ['F6'], does: 'To what was told in the corner' },
  ...views.map(({ key, name }) => ({ keys: ['G', key.toUpperCase()], does: `Go to ${name}` })),
]

/** The keys that work in every view. */
export function useFrameKeys(): void {
  const navigate = useNavigate()
  useEffect(() => {
    let goingUntil = 0
    const onKey = (event: KeyboardEvent) => {
      if (isPaletteKey(event)) {
        event.preventDefault()
        openPalette()
        return
      }
      if (!isForNobodyElse(event)) return
      if (event.key === '?') return openKeys()
      if (isCovered()) return
      const key = event.key.toLowerCase()
      const view = performance.now() < goingUntil ? views.find((each) => each.key === key) : undefined
      goingUntil = 0
      if (view) {
        event.preventDefault()
        // What comes second is no key of the view.
        event.stopPropagation()
        void navigate({ to: view.to })
      } else if (key === 'g' && !event.repeat) goingUntil = performance.now() + patienceMs
    }
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [navigate])
}

function isPaletteKey({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey && !shiftKey
}
