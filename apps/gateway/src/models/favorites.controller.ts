import {
  DismissUpdate,
  FavoritePage,
  ListFavorites,
  ListUpdates,
  SetFavorite,
  UpdatePage,
} from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { Services } from '../services.ts'
import { modelOf } from './models.controller.ts'
import { asViewed } from './viewing.ts'
import type { Controller, Route } from '../http/route.ts'

const settings = [
  ['PUT', 'Make a model a favourite of yours', true],
  ['DELETE', 'Make a model no favourite of yours', false],
] as const

/** What somebody wants to keep an eye on. */
@Injectable()
export class FavoritesController implements Controller {
  readonly area = 'models'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/favorites',
      access: 'models:read',
      summary: 'List your favourite models',
      query: ListFavorites,
      answer: FavoritePage,
      handle: ({ query, caller, actor }) =>
        this.services.models.listFavorites(asViewed(query, caller), { actor }),
    }),
    ...settings.map(([method, summary, favorite]) =>
      route({
        method,
        path: '/favorites/:source/:id',
        access: 'models:write',
        summary,
        words: ['source', 'id'],
        query: SetFavorite,
        hidden: ['source', 'id', 'favorite'],
        given: (request) => ({ ...modelOf(request), favorite }),
        reasons: ['MODEL_NOT_FOUND'],
        handle: async ({ query, actor }) => {
          await this.services.models.setFavorite(query, { actor })
        },
      }),
    ),
    route({
      method: 'GET',
      path: '/library/updates',
      access: 'models:read',
      summary: 'List newer versions of what is in the library',
      query: ListUpdates,
      answer: UpdatePage,
      handle: ({ query, caller, actor }) =>
        this.services.models.listUpdates(asViewed(query, caller), { actor }),
    }),
    route({
      method: 'POST',
      path: '/library/updates/dismiss',
      access: 'models:write',
      summary: 'Hear no more of this newer version',
      body: DismissUpdate,
      handle: async ({ body, actor }) => {
        await this.services.models.dismissUpdate(body, { actor })
      },
    }),
  ]

  constructor(private readonly services: Services) {}
}
