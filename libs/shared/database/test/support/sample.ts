import { fileURLToPath } from 'node:url'
import { defineFact } from '@easel/protocol'
import { testDatabase, type TestDatabase } from '@easel/testing'
import { migrate, openDatabase, type Database, type DatabaseOptions } from '@easel/database'

export const schema = 'sample'
export const migrations = fileURLToPath(new URL('../fixtures/migrations', import.meta.url))

export class ThingAdded {
  n!: number
}
export const thingAdded = defineFact('sample.thing-added', 1, ThingAdded)

/** A database with the tables outbox, inbox and thing. */
export function sampleDatabase(): Promise<TestDatabase> {
  return testDatabase({
    service: schema,
    migrations,
    migrate: async (url) => {
      await migrate({ url, schema, directory: migrations })
    },
  })
}

export function openSample(url: string, options: Partial<DatabaseOptions> = {}): Database {
  return openDatabase({ url, schema, poolSize: 4, ...options })
}
