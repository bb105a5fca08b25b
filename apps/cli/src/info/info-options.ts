export type InfoOptions = { hash?: boolean; tensors?: number | true; metadata?: boolean }
