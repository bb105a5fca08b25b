import { createClient } from '@easel/bus'
import { models } from '@easel/contracts'
import type { Actor, CallOptions, Client } from '@easel/protocol'
import { startStandIns } from '@easel/stand-ins'
import type { StandIns } from '@easel/stand-ins'
import { anActor, openHouse } from './start-catalog.ts'
import type { CatalogHouse } from './start-catalog.ts'
import type { CatalogConfig } from '../../src/app.ts'

type Models = Client<typeof models>

export type ModelsHouse = AsyncDisposable & {
  readonly house: CatalogHouse
  readonly standIns: StandIns
  readonly models: Models
  /** The same, as somebody else. */
  as(actor: Actor): Models
  start(changes?: Partial<CatalogConfig>): Promise<AsyncDisposable>
}

/** A catalog between stand-ins of both sources. Nothing it is told is believed for longer than a test needs. */
export async function openModels(): Promise<ModelsHouse> {
  await using stack = new AsyncDisposableStack()
  const standIns = stack.use(await startStandIns())
  const house = stack.use(await openHouse())
  const { sources, models: settings } = house.config
  const config: Partial<CatalogConfig> = {
    sources: {
      ...sources,
      urls: { civitai: standIns.civitai.url, huggingface: standIns.huggingface.url },
      ages: { goodMs: 1, refusedMs: 1, failedMs: 1 },
      pauseMs: 1,
    },
    models: { ...settings, searchAgeMs: 60_000, modelAgeMs: 60_000, syncMs: 0 },
  }
  const as = (actor: Actor): Models => {
    const client = createClient(house.bus, models)
    const bound = Object.entries(client).map(([name, call]) => [
      name,
      (input: object, options: CallOptions = {}) =>
        (call as (input: object, options: CallOptions) => Promise<unknown>)(input, {
          actor,
          timeoutMs: 30_000,
          ...options,
        }),
    ])
    return Object.fromEntries(bound) as Models
  }
  const owned = stack.move()
  return {
    house,
    standIns,
    as,
    models: as(anActor()),
    start: (changes = {}) => house.start({ ...config, ...changes }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
