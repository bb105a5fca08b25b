import { Activity, Images, ListVideo, Settings, WandSparkles } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'

export type View = {
  to: '/create' | '/queue' | '/gallery' | '/system' | '/settings'
  name: string
  icon: LucideIcon
  about: string
}

/** The views, in the order of the navigation. */
export const views: readonly View[] = [
  { to: '/create', name: 'Create', icon: WandSparkles, about: 'Run a workflow' },
  { to: '/queue', name: 'Queue', icon: ListVideo, about: 'What runs and waits' },
  { to: '/gallery', name: 'Gallery', icon: Images, about: 'Everything that was made' },
  { to: '/system', name: 'System', icon: Activity, about: 'Workers, pools and services' },
  { to: '/settings', name: 'Settings', icon: Settings, about: 'Profile, keys and look' },
]
