import { createClient } from '@easel/bus'
import { collections } from '@easel/contracts'
import type { Actor, CallOptions, Client } from '@easel/protocol'
import { openModels } from './open-models.ts'
import type { ModelsHouse } from './open-models.ts'
import { anActor } from './start-catalog.ts'

type Collections = Client<typeof collections>

export type CollectionsHouse = ModelsHouse & {
  loras(actor: Actor): Collections
}

/** A catalog between stand-ins, asked about LoRAs. */
export async function openCollections(): Promise<CollectionsHouse> {
  const house = await openModels()
  const loras = (actor: Actor): Collections => {
    const client = createClient(house.house.bus, collections)
    const bound = Object.entries(client).map(([name, call]) => [
      name,
      (input: object, options: CallOptions = {}) =>
        (call as (input: object, options: CallOptions) => Promise<unknown>)(input, {
          actor,
          timeoutMs: 30_000,
          ...options,
        }),
    ])
    return Object.fromEntries(bound) as Collections
  }
  return Object.assign(house, { loras })
}

/** Two people of one team, one who only looks on, and one of elsewhere. */
export function people(spaceId: string) {
  const own = anActor()
  const inTeam = (role: 'owner' | 'editor' | 'viewer') =>
    anActor({ personalSpaceId: own.personalSpaceId, spaces: { [spaceId]: role } })
  return { ann: inTeam('owner'), ben: inTeam('editor'), vera: inTeam('viewer'), stranger: anActor() }
}
