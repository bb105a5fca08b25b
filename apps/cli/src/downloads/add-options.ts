import type { WishOptions } from './wish.ts'
import type { CreateDownload } from '@easel/client'

export type AddOptions = WishOptions & {
  folder?: NonNullable<CreateDownload['folder']>
  sha256?: string
  name?: string
  mirror?: string[]
  priority?: number
  wait?: boolean
  tokenFile?: string
}
