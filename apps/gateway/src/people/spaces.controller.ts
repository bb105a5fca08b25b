import { PageQuery } from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import {
  AddMember,
  CreateSpace,
  MemberPage,
  MemberView,
  SpacePage,
  SpaceView,
  UpdateMember,
  UpdateSpace,
} from './people.messages.ts'
import { SpacesService } from './spaces.service.ts'
import { actingOf } from './users.controller.ts'
import type { Controller, Route } from '../http/route.ts'

@Injectable()
export class SpacesController implements Controller {
  readonly area = 'people'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/spaces',
      access: 'signed-in',
      summary: 'List the spaces you are a member of (admins: all)',
      query: PageQuery,
      answer: SpacePage,
      handle: ({ actor, query }) => this.spaces.list(actor, query),
    }),
    route({
      method: 'POST',
      path: '/spaces',
      access: 'account',
      summary: 'Make a space and own it',
      body: CreateSpace,
      answer: SpaceView,
      status: 201,
      creates: true,
      reasons: ['SLUG_TAKEN'],
      handle: (call) => this.spaces.create(call.body, actingOf(call)),
    }),
    route({
      method: 'GET',
      path: '/spaces/:id',
      access: 'signed-in',
      summary: 'Get a space',
      answer: SpaceView,
      reasons: ['SPACE_NOT_FOUND'],
      handle: ({ actor, params }) => this.spaces.get(actor, params.id ?? ''),
    }),
    route({
      method: 'PATCH',
      path: '/spaces/:id',
      access: 'account',
      summary: 'Rename a space',
      body: UpdateSpace,
      answer: SpaceView,
      reasons: ['SPACE_NOT_FOUND', 'OWNERS_ONLY'],
      handle: (call) => this.spaces.rename(call.params.id ?? '', call.body.name, actingOf(call)),
    }),
    route({
      method: 'GET',
      path: '/spaces/:id/members',
      access: 'signed-in',
      summary: 'List the members of a space',
      answer: MemberPage,
      reasons: ['SPACE_NOT_FOUND'],
      handle: ({ actor, params }) => this.spaces.listMembers(actor, params.id ?? ''),
    }),
    route({
      method: 'POST',
      path: '/spaces/:id/members',
      access: 'account',
      summary: 'Add a member, by id or e-mail address',
      body: AddMember,
      answer: MemberView,
      status: 201,
      creates: true,
      reasons: ['SPACE_NOT_FOUND', 'USER_NOT_FOUND', 'OWNERS_ONLY', 'SPACE_PERSONAL'],
      handle: (call) => this.spaces.addMember(call.params.id ?? '', call.body, actingOf(call)),
    }),
    route({
      method: 'PATCH',
      path: '/spaces/:id/members/:userId',
      access: 'account',
      summary: 'Change the role of a member',
      body: UpdateMember,
      answer: MemberView,
      reasons: ['SPACE_NOT_FOUND', 'MEMBER_NOT_FOUND', 'OWNERS_ONLY', 'LAST_OWNER'],
      handle: (call) => {
        const { id = '', userId = '' } = call.params
        return this.spaces.updateMember(id, { userId, role: call.body.role }, actingOf(call))
      },
    }),
    route({
      method: 'DELETE',
      path: '/spaces/:id/members/:userId',
      access: 'account',
      summary: 'Remove a member, or leave',
      reasons: ['SPACE_NOT_FOUND', 'MEMBER_NOT_FOUND', 'OWNERS_ONLY', 'LAST_OWNER'],
      handle: (call) => {
        const { id = '', userId = '' } = call.params
        return this.spaces.removeMember(id, userId, actingOf(call))
      },
    }),
  ]

  constructor(private readonly spaces: SpacesService) {}
}
