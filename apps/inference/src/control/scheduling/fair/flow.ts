/** A user's jobs of one class in one space: what the fair order takes turns between. */
export type FlowId = {
  spaceId: string
  userId: string
  /** 0 interactive, 1 normal, 2 bulk. */
  priority: number
}

/** What the fair order needs to know of a job. */
export type Charged = FlowId & {
  /** Digits: the order of arrival. */
  seq: string
  /** GPU-seconds that it will probably take; 0: unknown. */
  estimate: number
}

/** Jobs of one flow that wait, in its own order (rank, then arrival). */
export type Flow<J extends Charged = Charged> = FlowId & { jobs: readonly J[] }

/** How much of its parent's time a space, user or class gets beside its siblings. */
export type Weights = {
  space(id: string): number
  user(id: string): number
  class(priority: number): number
}

/** How many more jobs of a space or user may start now; undefined: no limit. */
export type Room = {
  space(id: string): number | undefined
  user(id: string): number | undefined
}

/** A job of which nothing is known is charged this much, until it has ended. */
const unknownSeconds = 10

export const chargeOf = ({ estimate }: Pick<Charged, 'estimate'>): number =>
  estimate > 0 ? estimate : unknownSeconds

/** From the space down: where the virtual times of a flow are kept. Ids hold no slash. */
export type FlowPaths = readonly [space: string, user: string, flow: string]

export function pathsOf({ spaceId, userId, priority }: FlowId): FlowPaths {
  const user = `${spaceId}/${userId}`
  return [spaceId, user, `${user}/${priority}`]
}

/** Where the present virtual time among the children of a path is kept; of the spaces: `presentOf('')`. */
export const presentOf = (path: string): string => `${path}/`

/** What a weight may be, whatever was set: nobody starves, nobody is served for ever. */
export const weightOf = (weight: number): number => Math.min(1_000_000, Math.max(0.000_001, weight))
