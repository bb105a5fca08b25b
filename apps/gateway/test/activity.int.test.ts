import { createLogger } from '@easel/observability'
import { expect, test } from 'vitest'
import { ActivityConsumer } from '../src/events/activity.consumer.ts'
import { ActivityRepository } from '../src/events/activity.repository.ts'
import { GatewayStore } from '../src/gateway.store.ts'
import { startTestGateway } from './support/start-gateway.ts'

test('who stops while it asks for its turn to write the feed stops, and leaves the turn', async () => {
  await using server = await startTestGateway()
  await server.gateway[Symbol.asyncDispose]()
  const activity = new ActivityRepository(new GatewayStore(server.database))
  const log = createLogger({ service: 'gateway', level: 'error' })
  const consumer = new ActivityConsumer(server.peers.bus, log, server.database, activity)

  consumer.start()
  await consumer[Symbol.asyncDispose]()

  const locks = await server.sql(`select pid from pg_locks where locktype = 'advisory'
    and database = (select oid from pg_database where datname = current_database())`)
  expect(locks).toEqual([])
})
