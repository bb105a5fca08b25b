import type { Actor } from './actor.ts'

/** A message class: its class-validator rules are the input check on the server. */
export type MessageClass<T extends object = object> = new () => T

export type Rpc<I extends object = object, O extends object = object> = {
  readonly input: MessageClass<I>
  readonly output: MessageClass<O>
  /** Every `AppError.reason` the method may give on purpose. */
  readonly reasons: readonly string[]
  /** A query changes nothing, so a caller may repeat it. */
  readonly query: boolean
}

export type Service<R extends Record<string, Rpc<any, any>> = Record<string, Rpc<any, any>>> = {
  readonly name: string
  readonly version: number
  readonly rpcs: R
}

export function rpc<I extends object, O extends object>(
  input: MessageClass<I>,
  output: MessageClass<O>,
  reasons: readonly string[] = [],
): Rpc<I, O> {
  return { input, output, reasons, query: false }
}

/** As `rpc`, for what changes nothing. */
export function query<I extends object, O extends object>(
  input: MessageClass<I>,
  output: MessageClass<O>,
  reasons: readonly string[] = [],
): Rpc<I, O> {
  return { input, output, reasons, query: true }
}

export function defineService<const R extends Record<string, Rpc<any, any>>>(
  name: string,
  version: number,
  rpcs: R,
): Service<R> {
  return { name, version, rpcs }
}

export type CallOptions = {
  /** Whose call it is. Services authorize with it; left out only by background work of our own. */
  actor?: Actor
  timeoutMs?: number
  signal?: AbortSignal
}

export type CallContext = {
  /** Present on calls made for a person; `requireActor` gives it or throws `unauthenticated`. */
  readonly actor: Actor | undefined
  /** Milliseconds the caller will still wait. */
  readonly remainingMs: number
}

export type Client<S extends Service> = {
  readonly [M in keyof S['rpcs']]: S['rpcs'][M] extends Rpc<infer I, infer O>
    ? (input: I, options?: CallOptions) => Promise<O>
    : never
}

export type Handlers<S extends Service> = {
  [M in keyof S['rpcs']]: S['rpcs'][M] extends Rpc<infer I, infer O>
    ? (input: I, context: CallContext) => Promise<O>
    : never
}

/** The answer of a method that has nothing to say but "done". */
export class Done {}

export function subjectOf(service: Service, method: string): string {
  return `rpc.${service.name}.v${service.version}.${method}`
}
