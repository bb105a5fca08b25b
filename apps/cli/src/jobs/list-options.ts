import type { JobView } from '@easel/client'

export type ListOptions = {
  limit?: number
  cursor?: string
  status?: JobView['status'][]
  session?: string
  workflow?: string
  since?: string
}
