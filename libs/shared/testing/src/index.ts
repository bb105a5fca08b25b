export {
  recordedServer,
  type RecordedAnswer,
  type RecordedRequest,
  type RecordedServer,
} from './recorded-server.ts'
export { tcpProxy, throughProxy, type Faults, type TcpProxy } from './tcp-proxy.ts'
export { tempDirectory, type TempDirectory } from './temp-directory.ts'
export {
  emptyTestDatabase,
  testDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.ts'
export { testNats, type TestNats } from './test-nats.ts'
export { testRedis, type TestRedis } from './test-redis.ts'
export { testS3, type TestS3 } from './test-s3.ts'
export { waitFor, type WaitOptions } from './wait-for.ts'
