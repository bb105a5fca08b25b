export type { Log, Server, ServerExit } from './child-server.ts'
export { freePort } from './free-port.ts'
export { startNats, type NatsOptions } from './nats.ts'
export { startPostgres, type PostgresOptions } from './postgres.ts'
export { chromium, ensurePrograms, ffmpeg, natsServer, redisServer, type Program } from './programs.ts'
export { startRedis, type RedisOptions } from './redis.ts'
export { writeSecretFile } from './secret-file.ts'
export {
  newPassword,
  startServers,
  type ServerName,
  type Servers,
  type ServersOptions,
} from './start-servers.ts'
