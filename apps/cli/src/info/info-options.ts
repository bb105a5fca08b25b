export type InfoOptions = {
  hash?: boolean
  lookup?: boolean
  saveTo?: string
  tensors?: number | true
  metadata?: boolean
  meta?: string[]
}
