export * from './blob-store.ts'
export * from './open-blobs.ts'
