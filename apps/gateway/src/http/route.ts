import type { Actor, MessageClass, Scope } from '@easel/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../identity/caller.ts'

/** What a handler returns that has sent its answer by itself. (A reply is a promise of its own end.) */
export const answered = Symbol('answered')
export type Answered = typeof answered

/**
 * Who may call: everybody, whoever is signed in, whose credential stands for the whole account (a log-in, or a key
 * with every scope), or who has the scope. `admin` asks for the role as well.
 */
export type Access = 'public' | 'signed-in' | 'account' | Scope

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A request that has passed every check of its route. */
export type Call<B = undefined, Q = undefined> = {
  readonly caller: Caller
  readonly actor: Actor
  readonly params: Readonly<Record<string, string>>
  readonly body: B
  readonly query: Q
  /** The space that `X-Space` names. */
  readonly spaceId: string | undefined
  /** A status other than the route's own. */
  readonly chosen: { status?: number }
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/**
 * One route as a value: Fastify serves it, the gate guards it and the OpenAPI document is written from it, so
 * that the three cannot differ.
 */
export type RouteSpec<B extends object, Q extends object, A extends object> = {
  readonly method: Method
  /** Below `/api`, such as `/jobs/:id`. */
  readonly path: string
  readonly access: Access
  readonly summary: string
  readonly description?: string
  readonly body?: MessageClass<B>
  /** No body is an empty one. */
  readonly optionalBody?: boolean
  readonly query?: MessageClass<Q>
  /** Fields of the body or query class that the path or a header gives. */
  readonly given?: (request: FastifyRequest) => Record<string, unknown>
  /** Their names: hidden in the document, refused in the request. */
  readonly hidden?: readonly string[]
  /** Ids in the path are UUIDs, unless named here. */
  readonly words?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly answer?: MessageClass<A>
  readonly status?: number
  /** Media types of an answer that is no JSON. */
  readonly produces?: readonly string[]
  /** Media types of a body that is no JSON: the handler reads it. */
  readonly consumes?: readonly string[]
  /** It creates, so that an Idempotency-Key is obeyed by the gateway. */
  readonly creates?: boolean
  /** Fields of the body that no hash of it may give away. */
  readonly secrets?: readonly string[]
  /** Stable names of what can go wrong on purpose. */
  readonly reasons?: readonly string[]
  /** Left out of the gateway's own time limits: streams. */
  readonly stream?: boolean
  readonly handle: (call: Call<B, Q>) => Promise<A | undefined | void | Answered>
}

export type Route = RouteSpec<object, object, object>

export function route<B extends object = never, Q extends object = never, A extends object = never>(
  spec: RouteSpec<B, Q, A>,
): Route {
  return spec as unknown as Route
}

/** What holds a group of routes. Making one does nothing: the document is written from instances without parts. */
export type Controller = {
  /** Heading in the reference. */
  readonly area: string
  readonly routes: readonly Route[]
}
