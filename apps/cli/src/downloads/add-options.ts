import type { CreateDownload } from '@easel/client'

export type AddOptions = {
  folder: CreateDownload['folder']
  sha256?: string
  name?: string
  wait?: boolean
  tokenFile?: string
}
