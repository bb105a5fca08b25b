import type { SubmitJob } from '@easel/client'

export type RunOptions = {
  readonly set?: [string, unknown][]
  readonly image?: [string, string][]
  readonly output: string
  readonly count: number
  readonly name?: string
  readonly session?: string
  readonly pool?: string
  readonly priority?: SubmitJob['priority']
  readonly rank?: number
  readonly label?: string[]
  readonly minVram?: number
  readonly environment?: string
  readonly missingModels?: SubmitJob['missingModels']
  readonly at?: number
  readonly previews?: boolean
  readonly wait: boolean
  readonly timeout?: number
}
