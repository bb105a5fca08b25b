import { GetUsage, Limits, LimitsView, UsageReport } from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { AccountsService } from './accounts.service.ts'
import { actingOf } from './users.controller.ts'
import type { AccountId, AccountScope } from '@easel/contracts'
import type { Controller, Route } from '../http/route.ts'

const description =
  'Takes the place of all that was set before; what is left out or null holds as for all. Days and months are of UTC.'

@Injectable()
export class AccountsController implements Controller {
  readonly area = 'people'
  readonly routes: readonly Route[] = [
    ...this.routesOf('space', ['SPACE_NOT_FOUND']),
    ...this.routesOf('user', ['USER_NOT_FOUND']),
    ...this.routesForAll('any-space', 'spaces'),
    ...this.routesForAll('any-user', 'users'),
  ]

  constructor(private readonly accounts: AccountsService) {}

  private routesOf(scope: 'space' | 'user', reasons: readonly string[]): Route[] {
    const of = (params: Readonly<Record<string, string>>): AccountId => ({ scope, id: params.id ?? '' })
    return [
      route({
        method: 'GET',
        path: `/${scope}s/:id/budget`,
        access: 'signed-in',
        summary: `Get the limits of a ${scope}`,
        answer: LimitsView,
        reasons,
        handle: ({ actor, params }) => this.accounts.getLimits(actor, of(params)),
      }),
      route({
        method: 'PUT',
        path: `/${scope}s/:id/budget`,
        access: 'signed-in',
        summary: `Set the limits of a ${scope} (admins)`,
        description,
        body: Limits,
        answer: LimitsView,
        reasons: [...reasons, 'ADMINS_ONLY'],
        handle: (call) => this.accounts.setLimits(of(call.params), call.body, actingOf(call)),
      }),
      route({
        method: 'GET',
        path: `/${scope}s/:id/usage`,
        access: 'signed-in',
        summary: `Get what a ${scope} has used, by day and month of UTC`,
        query: GetUsage,
        given: ({ params }) => ({ ...of(params as Record<string, string>) }),
        hidden: ['scope', 'id'],
        answer: UsageReport,
        reasons,
        handle: ({ actor, query }) => this.accounts.getUsage(actor, query),
      }),
    ]
  }

  private routesForAll(scope: AccountScope, name: string): Route[] {
    return [
      route({
        method: 'GET',
        path: `/limits/${name}`,
        access: 'admin',
        summary: `Get the limits of ${name} that have none of their own`,
        answer: LimitsView,
        handle: ({ actor }) => this.accounts.getLimits(actor, { scope }),
      }),
      route({
        method: 'PUT',
        path: `/limits/${name}`,
        access: 'admin',
        summary: `Set the limits of ${name} that have none of their own`,
        description,
        body: Limits,
        answer: LimitsView,
        handle: (call) => this.accounts.setLimits({ scope }, call.body, actingOf(call)),
      }),
    ]
  }
}
