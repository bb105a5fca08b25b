import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { AuditRepository } from './audit.repository.ts'
import {
  AuditPage,
  CreateUser,
  ListAudit,
  ListUsers,
  UpdateUser,
  UserPage,
  UserView,
} from './people.messages.ts'
import { UsersService } from './users.service.ts'
import type { Call, Controller, Route } from '../http/route.ts'
import type { Acting } from './audit.repository.ts'

export function actingOf({ caller, request }: Pick<Call, 'caller' | 'request'>): Acting {
  return { caller, address: request.ip }
}

@Injectable()
export class UsersController implements Controller {
  readonly area = 'people'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/users',
      access: 'admin',
      summary: 'List the accounts',
      query: ListUsers,
      answer: UserPage,
      handle: ({ query }) => this.users.list(query),
    }),
    route({
      method: 'POST',
      path: '/users',
      access: 'admin',
      summary: 'Make an account, with its personal space',
      body: CreateUser,
      answer: UserView,
      status: 201,
      creates: true,
      secrets: ['password'],
      reasons: ['EMAIL_TAKEN'],
      handle: (call) => this.users.create(call.body, actingOf(call)),
    }),
    route({
      method: 'GET',
      path: '/users/:id',
      access: 'admin',
      summary: 'Get an account',
      answer: UserView,
      reasons: ['USER_NOT_FOUND'],
      handle: ({ params }) => this.users.get(params.id ?? ''),
    }),
    route({
      method: 'PATCH',
      path: '/users/:id',
      access: 'admin',
      summary: 'Change an account: name, role, password, or whether it is disabled',
      body: UpdateUser,
      answer: UserView,
      reasons: ['USER_NOT_FOUND', 'LAST_ADMIN'],
      handle: (call) => this.users.update(call.params.id ?? '', call.body, actingOf(call)),
    }),
    route({
      method: 'DELETE',
      path: '/users/:id',
      access: 'admin',
      summary: 'Remove an account; what it made stays in its spaces',
      reasons: ['USER_NOT_FOUND', 'LAST_ADMIN'],
      handle: (call) => this.users.delete(call.params.id ?? '', actingOf(call)),
    }),
    route({
      method: 'GET',
      path: '/audit',
      access: 'admin',
      summary: 'List who did what to accounts, keys and spaces',
      query: ListAudit,
      answer: AuditPage,
      handle: ({ query }) => this.audit.list(query),
    }),
  ]

  constructor(
    private readonly users: UsersService,
    private readonly audit: AuditRepository,
  ) {}
}
