import { Activity, ArrowDownToLine, Images, ListVideo, Package, Settings, WandSparkles } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'

export type View = {
  to: '/create' | '/queue' | '/gallery' | '/models' | '/downloads' | '/system' | '/settings'
  name: string
  icon: LucideIcon
  about: string
  /** Goes there after `G`. */
  key: string
  onPhone?: true
}

/** The views, in the order of the navigation. A phone has room for four; the others are in the user's menu. */
export const views: readonly View[] = [
  { to: '/create', name: 'Create', icon: WandSparkles, about: 'Run a workflow', key: 'c', onPhone: true },
  { to: '/queue', name: 'Queue', icon: ListVideo, about: 'What runs and waits', key: 'q', onPhone: true },
  {
    to: '/gallery',
    name: 'Gallery',
    icon: Images,
    about: 'Everything that was made',
    key: 'g',
    onPhone: true,
  },
  {
    to: '/models',
    name: 'Models',
    icon: Package,
    about: 'Search, library, bundles',
    key: 'm',
    onPhone: true,
  },
  {
    to: '/downloads',
    name: 'Downloads',
    icon: ArrowDownToLine,
    about: 'What is being fetched',
    key: 'd',
  },
  { to: '/system', name: 'System', icon: Activity, about: 'Workers, pools and services', key: 's' },
  { to: '/settings', name: 'Settings', icon: Settings, about: 'Profile, keys and look', key: 'p' },
]
