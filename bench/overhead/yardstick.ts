import { connectBus, publishLive, subscribeLive } from '@easel/bus'
import { openDatabase } from '@easel/database'
import { startServers } from '@easel/embedded'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Yardstick = AsyncDisposable & { measure(count: number): Promise<number[]> }

const wakeUp = { spaceId: 'bench', channel: 'wake', key: 'up', data: {} }

/**
 * The least that a durable queue on such servers costs: one committed insert of a kilobyte, then one wake-up over
 * NATS. The servers are those that a standalone Easel starts, with the same settings.
 */
export async function startYardstick(): Promise<Yardstick> {
  await using stack = new AsyncDisposableStack()
  const home = await mkdtemp(join(tmpdir(), 'easel-yardstick-'))
  stack.defer(() => rm(home, { recursive: true, force: true }))
  const { urls } = stack.use(await startServers({ home }))
  const database = stack.use(openDatabase({ url: urls.postgres, schema: 'yardstick' }))
  await database.query('create schema yardstick')
  await database.query('create table task (id bigint generated always as identity primary key, payload text)')
  const bus = stack.use(await connectBus({ url: urls.nats, name: 'yardstick', log: console }))
  let arrived = () => {}
  stack.use(subscribeLive(bus, { channel: wakeUp.channel }, () => arrived()))
  const payload = 'x'.repeat(1_024)

  const owned = stack.move()
  return {
    async measure(count) {
      const taken: number[] = []
      for (let index = 0; index < count; index++) {
        const startedAt = performance.now()
        await database.query('insert into task (payload) values ($1)', [payload], { name: 'insert' })
        await new Promise<void>((resolve) => {
          arrived = resolve
          publishLive(bus, wakeUp)
        })
        taken.push(performance.now() - startedAt)
      }
      return taken
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
