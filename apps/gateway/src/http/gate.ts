import { AppError, notFound, scopes } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { findSpace, isUuid } from '../identity/caller.ts'
import { Authenticator } from '../identity/authenticator.service.ts'
import { RateLimits } from '../identity/rate-limits.ts'
import { CONFIG } from '../tokens.ts'
import { credentialsOf, isOwnOrigin } from './credentials.ts'
import type { Actor } from '@easel/protocol'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../identity/caller.ts'
import type { GatewayConfig } from '../config.ts'
import type { Access } from './route.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route that is not public, before its body is read. */
    caller: Caller | undefined
    traceId: string | undefined
  }
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Who comes in, and how often. */
@Injectable()
export class Gate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly limits: RateLimits,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** Before the body: who may not come in must not make us read 20 MB. */
  async admit(request: FastifyRequest, access: Access): Promise<void> {
    if (access === 'public') return this.limits.countAddress(request.ip)
    const caller = await this.identify(request)
    await this.limits.countUser(caller.actor.userId)
    requireAccess(caller, access)
    request.caller = caller
  }

  async identify(request: FastifyRequest): Promise<Caller> {
    try {
      const presented = credentialsOf(request.headers)
      if (!presented) throw new AppError('unauthenticated', 'Sign in first', { reason: 'NO_CREDENTIALS' })
      if (presented.kind === 'session' && !safeMethods.has(request.method)) this.requireOwnOrigin(request)
      return await this.authenticator.authenticate(presented)
    } catch (cause) {
      if (cause instanceof AppError && cause.code === 'unauthenticated') {
        await this.limits.countAddress(request.ip)
      }
      throw cause
    }
  }

  /** An admin may use every space, but only the gateway knows whether there is such a one. */
  async requireSpaces({ actor }: Caller, ids: readonly (string | undefined)[]): Promise<void> {
    const foreign = new Set(ids.filter((id) => id !== undefined && !(id in actor.spaces)))
    if (actor.role !== 'admin' || foreign.size === 0) return
    const wanted = [...foreign].filter((id) => id !== undefined && isUuid(id)) as string[]
    const known = await this.authenticator.callers.countSpaces(wanted)
    if (known < foreign.size) throw notFound('space', 'SPACE_NOT_FOUND')
  }

  requireOwnOrigin({ headers, host }: FastifyRequest): void {
    if (isOwnOrigin(headers, host, this.config)) return
    throw new AppError('forbidden', 'A page of another origin may not act with your log-in', {
      reason: 'FOREIGN_ORIGIN',
    })
  }
}

export function requireAccess({ actor }: Pick<Caller, 'actor'>, access: Access): void {
  if (access === 'public' || access === 'signed-in') return
  if (access === 'account') return requireWholeAccount(actor)
  if (!actor.scopes.includes(access)) {
    throw new AppError('forbidden', `This key lacks the scope ${access}`, {
      reason: 'MISSING_SCOPE',
      details: { scope: access },
    })
  }
  if (access === 'admin' && actor.role !== 'admin') {
    throw new AppError('forbidden', 'Only for admins', { reason: 'ADMINS_ONLY' })
  }
}

/** A key for one thing must not make itself friends and other keys: with these it could do everything. */
function requireWholeAccount(actor: Actor): void {
  const missing = scopes.find((scope) => scope !== 'admin' && !actor.scopes.includes(scope))
  if (missing === undefined) return
  throw new AppError('forbidden', 'This takes a log-in, or a key with every scope', {
    reason: 'MISSING_SCOPE',
    details: { scope: missing },
  })
}

export function spaceOf(request: FastifyRequest): string | undefined {
  const name = request.headers['x-space']
  return typeof name === 'string' && request.caller ? findSpace(request.caller, name.trim()) : undefined
}
