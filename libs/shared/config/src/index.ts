export { ConfigError } from './config-error.ts'
export { describeConfig } from './describe.ts'
export { listSettings, readConfig } from './read-config.ts'
export type { Env, Reader, Setting, TextRules, UrlRules } from './reader.ts'
export { sealer } from './sealed.ts'
export type { Sealer } from './sealed.ts'
export { Secret } from './secret.ts'
export { settingsOrExit } from './settings-or-exit.ts'
export {
  blobsConfig,
  hubConfig,
  databaseConfig,
  listenConfig,
  natsConfig,
  redisConfig,
  runtimeConfig,
  secretConfig,
} from './shared-groups.ts'
export type {
  BlobsConfig,
  DatabaseConfig,
  ListenConfig,
  NatsConfig,
  RedisConfig,
  RuntimeConfig,
  S3Credentials,
  SecretConfig,
} from './shared-groups.ts'
