export * from './blob-store.ts'
export * from './open-blobs.ts'
export * from './configured-blobs.ts'
