import { Status } from '../../ui/page.tsx'
import type { LoraView } from '@easel/client'

/** Whether it can be used at once. */
export function LoraState({ state, progress, gate }: Pick<LoraView, 'state' | 'progress' | 'gate'>) {
  switch (state) {
    case 'installed':
      return <Status tone="good">Here</Status>
    case 'downloading':
      return <Status tone="busy">{`${Math.floor(100 * (progress ?? 0))} %`}</Status>
    case 'available':
      return gate === 'terms' || gate === 'approval' || gate === 'early-access' ? (
        <Status tone="warn">Not given to everybody</Status>
      ) : (
        <Status tone="neutral">Not here</Status>
      )
    case 'unknown':
      return <Status tone="warn">Not known</Status>
  }
}
