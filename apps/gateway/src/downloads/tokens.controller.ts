import { PutToken, TokenList, TokenOf, TokenView } from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { actOf, AuditRepository } from '../people/audit.repository.ts'
import { actingOf } from '../people/users.controller.ts'
import { Services } from '../services.ts'
import type { FastifyRequest } from 'fastify'
import type { Controller, Route } from '../http/route.ts'

const bySource = {
  words: ['source'],
  hidden: ['source'],
  given: ({ params }: FastifyRequest) => ({ source: (params as { source: string }).source }),
}

/** Of CivitAI and Hugging Face, for the whole installation. What goes in never comes out. */
@Injectable()
export class TokensController implements Controller {
  readonly area = 'settings'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/settings/tokens',
      access: 'admin',
      summary: 'Say for which sources a token is kept',
      answer: TokenList,
      handle: ({ actor }) => this.services.sourceTokens.listTokens({}, { actor }),
    }),
    route({
      method: 'PUT',
      path: '/settings/tokens/:source',
      access: 'admin',
      summary: 'Keep a token of CivitAI or Hugging Face; it is never shown again',
      ...bySource,
      body: PutToken,
      secrets: ['token'],
      answer: TokenView,
      handle: async (call) => {
        const view = await this.services.sourceTokens.putToken(call.body, { actor: call.actor })
        await this.audit.add(actOf(actingOf(call), 'token.kept', `source:${view.source}`))
        return view
      },
    }),
    route({
      method: 'DELETE',
      path: '/settings/tokens/:source',
      access: 'admin',
      summary: 'Forget the token of a source',
      ...bySource,
      query: TokenOf,
      handle: async (call) => {
        await this.services.sourceTokens.deleteToken(call.query, { actor: call.actor })
        await this.audit.add(actOf(actingOf(call), 'token.forgotten', `source:${call.query.source}`))
      },
    }),
  ]

  constructor(
    private readonly services: Services,
    private readonly audit: AuditRepository,
  ) {}
}
