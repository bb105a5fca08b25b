import { CreateSession, ListSessions, SessionPage, SessionView, UpdateSession } from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { idAndRevision, tagged } from '../http/if-match.ts'
import { route } from '../http/route.ts'
import { Services } from '../services.ts'
import type { Controller, Route } from '../http/route.ts'

@Injectable()
export class SessionsController implements Controller {
  readonly area = 'sessions'
  readonly routes: readonly Route[] = [
    route({
      method: 'POST',
      path: '/sessions',
      access: 'assets:write',
      summary: 'Start a session: what a page keeps between visits',
      body: CreateSession,
      answer: SessionView,
      status: 201,
      creates: true,
      reasons: ['SPACE_NOT_FOUND'],
      handle: async ({ body, actor, reply }) =>
        tagged(reply, await this.services.gallery.createSession(body, { actor })),
    }),
    route({
      method: 'GET',
      path: '/sessions',
      access: 'assets:read',
      summary: 'List sessions',
      query: ListSessions,
      answer: SessionPage,
      handle: ({ query, actor }) => this.services.gallery.listSessions(query, { actor }),
    }),
    route({
      method: 'GET',
      path: '/sessions/:id',
      access: 'assets:read',
      summary: 'Get a session; its ETag is for the next change',
      answer: SessionView,
      reasons: ['SESSION_NOT_FOUND'],
      handle: async ({ params, actor, reply }) =>
        tagged(reply, await this.services.gallery.getSession({ id: params.id ?? '' }, { actor })),
    }),
    route({
      method: 'PATCH',
      path: '/sessions/:id',
      access: 'assets:write',
      summary: 'Change a session',
      description: 'A stale `If-Match` is 412 and changes nothing.',
      body: UpdateSession,
      hidden: ['id', 'revision'],
      given: idAndRevision,
      headers: { 'If-Match': 'The ETag of the session as it was read. Needed.' },
      answer: SessionView,
      reasons: ['SESSION_NOT_FOUND', 'STALE', 'PRECONDITION_REQUIRED'],
      handle: async ({ body, actor, reply }) =>
        tagged(reply, await this.services.gallery.updateSession(body, { actor })),
    }),
    route({
      method: 'DELETE',
      path: '/sessions/:id',
      access: 'assets:write',
      summary: 'Remove a session; its assets stay',
      reasons: ['SESSION_NOT_FOUND'],
      handle: async ({ params, actor }) => {
        await this.services.gallery.deleteSession({ id: params.id ?? '' }, { actor })
      },
    }),
  ]

  constructor(private readonly services: Services) {}
}
