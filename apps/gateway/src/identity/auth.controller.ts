import { PageQuery } from '@easel/contracts'
import { Inject, Injectable } from '@nestjs/common'
import { cookieOf, sessionCookie } from '../http/credentials.ts'
import { Gate } from '../http/gate.ts'
import { route } from '../http/route.ts'
import { CreateKey, KeyPage, NewKey } from '../people/people.messages.ts'
import { actingOf } from '../people/users.controller.ts'
import { CONFIG } from '../tokens.ts'
import { AuthService, toMe } from './auth.service.ts'
import { KeysService } from './keys.service.ts'
import { LogIn, LogInList, Me, UpdateMe } from './me.messages.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayConfig } from '../config.ts'
import type { Call, Controller, Route } from '../http/route.ts'

@Injectable()
export class AuthController implements Controller {
  readonly area = 'me'
  readonly routes: readonly Route[] = [
    route({
      method: 'POST',
      path: '/auth/login',
      access: 'public',
      summary: 'Log in with e-mail address and password',
      description:
        'Answers with the cookie `easel_session`. Ten failures in a quarter of an hour close the account for as long.',
      body: LogIn,
      answer: Me,
      reasons: ['BAD_LOGIN', 'RATE_LIMITED', 'REDIS_UNAVAILABLE', 'FOREIGN_ORIGIN'],
      handle: (call) => this.#logIn(call),
    }),
    route({
      method: 'POST',
      path: '/auth/logout',
      access: 'signed-in',
      summary: 'End this log-in',
      handle: (call) => this.#logOut(call),
    }),
    route({
      method: 'GET',
      path: '/auth/me',
      access: 'signed-in',
      summary: 'Get your account, spaces and scopes',
      answer: Me,
      handle: async ({ caller }) => toMe(caller),
    }),
    route({
      method: 'PATCH',
      path: '/auth/me',
      access: 'account',
      summary: 'Change your name, your password or what pictures may show; a new password ends all log-ins',
      body: UpdateMe,
      answer: Me,
      reasons: ['BAD_PASSWORD', 'RATE_LIMITED'],
      handle: (call) => this.auth.updateMe(call.body, actingOf(call)),
    }),
    route({
      method: 'GET',
      path: '/auth/sessions',
      access: 'signed-in',
      summary: 'List your log-ins',
      answer: LogInList,
      handle: ({ caller }) => this.auth.listLogIns(caller),
    }),
    route({
      method: 'DELETE',
      path: '/auth/sessions',
      access: 'account',
      summary: 'Log out everywhere',
      handle: (call) => this.auth.logOutEverywhere(actingOf(call)),
    }),
    route({
      method: 'DELETE',
      path: '/auth/sessions/:id',
      access: 'account',
      summary: 'End one of your log-ins',
      reasons: ['LOGIN_NOT_FOUND'],
      handle: (call) => this.auth.endLogIn(call.params.id ?? '', actingOf(call)),
    }),
    route({
      method: 'GET',
      path: '/keys',
      access: 'signed-in',
      summary: 'List your API keys',
      query: PageQuery,
      answer: KeyPage,
      handle: ({ actor, query }) => this.keys.list(actor.userId, query),
    }),
    route({
      method: 'POST',
      path: '/keys',
      access: 'account',
      summary: 'Make an API key; the answer is the only place that shows it',
      body: CreateKey,
      answer: NewKey,
      status: 201,
      reasons: ['MISSING_SCOPE'],
      handle: (call) => {
        call.reply.header('cache-control', 'no-store')
        return this.keys.create(call.body, actingOf(call))
      },
    }),
    route({
      method: 'DELETE',
      path: '/keys/:id',
      access: 'account',
      summary: 'Revoke an API key: it stops working at once, on open sockets too',
      reasons: ['KEY_NOT_FOUND'],
      handle: (call) => this.keys.revoke(call.params.id ?? '', actingOf(call)),
    }),
  ]

  constructor(
    private readonly auth: AuthService,
    private readonly keys: KeysService,
    private readonly gate: Gate,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  async #logIn({ body, request, reply }: Call<LogIn>): Promise<Me> {
    // A foreign page must not log a visitor into an account of its own. Programs send no Origin.
    if (request.headers.origin !== undefined) this.gate.requireOwnOrigin(request)
    const userAgent = (request.headers['user-agent'] ?? '').slice(0, 300)
    const { token, me } = await this.auth.logIn(body, { address: request.ip, userAgent })
    setCookie(
      reply,
      `${token}; Max-Age=${Math.floor(this.config.sessionMs / 1_000)}`,
      this.#isSecure(request),
    )
    reply.header('cache-control', 'no-store')
    return me
  }

  async #logOut({ caller, request, reply }: Call<never, never>): Promise<void> {
    const token = cookieOf(request.headers.cookie, sessionCookie)
    if (token !== undefined) await this.auth.logOut(token, caller)
    setCookie(reply, '; Max-Age=0', this.#isSecure(request))
  }

  #isSecure(request: FastifyRequest): boolean {
    return request.protocol === 'https' || this.config.publicUrl?.startsWith('https:') === true
  }
}

function setCookie(reply: FastifyReply, value: string, secure: boolean): void {
  const flags = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  reply.header('set-cookie', `${sessionCookie}=${value}; ${flags}`)
}
