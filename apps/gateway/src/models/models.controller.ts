import {
  FindByHash,
  GetModel,
  HashMatch,
  ModelView,
  SearchModels,
  SearchPage,
  SuggestModels,
  Suggestions,
  SyncView,
} from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { Services } from '../services.ts'
import { asViewed } from './viewing.ts'
import type { FastifyRequest } from 'fastify'
import type { Controller, Route } from '../http/route.ts'

/** Sources are asked on the way, and are given their time. */
export const sourceMs = 30_000

const levels =
  'Without `maxNsfw` the level of your account holds (`PATCH /api/auth/me`); a request may say another one, also a higher one.'

@Injectable()
export class ModelsController implements Controller {
  readonly area = 'models'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/search',
      access: 'models:read',
      summary: 'Search CivitAI, Hugging Face and the library together',
      description: `A source that does not answer is told in \`sources\`; what is known of it comes all the same. ${levels}`,
      query: SearchModels,
      answer: SearchPage,
      handle: ({ query, caller, actor }) =>
        this.services.models.search(asViewed(query, caller), { actor, timeoutMs: sourceMs }),
    }),
    route({
      method: 'GET',
      path: '/search/suggest',
      access: 'models:read',
      summary: 'Complete what somebody types into the search',
      query: SuggestModels,
      answer: Suggestions,
      handle: ({ query, caller, actor }) => this.services.models.suggest(asViewed(query, caller), { actor }),
    }),
    route({
      method: 'GET',
      path: '/models',
      access: 'models:read',
      summary: 'Search what is known here, without asking anybody',
      description: levels,
      query: SearchModels,
      hidden: ['offline'],
      given: () => ({ offline: true }),
      answer: SearchPage,
      handle: ({ query, caller, actor }) => this.services.models.search(asViewed(query, caller), { actor }),
    }),
    route({
      method: 'GET',
      path: '/models/by-hash/:hash',
      access: 'models:read',
      summary: 'Say which model a file is, by SHA-256, AutoV2 or AutoV3',
      words: ['hash'],
      query: FindByHash,
      hidden: ['hash'],
      given: ({ params }) => ({ hash: (params as { hash: string }).hash }),
      answer: HashMatch,
      reasons: ['MODEL_NOT_FOUND', 'SOURCE_UNAVAILABLE'],
      handle: ({ query, caller, actor }) =>
        this.services.models.findByHash(asViewed(query, caller), { actor, timeoutMs: sourceMs }),
    }),
    route({
      method: 'GET',
      path: '/models/sync',
      access: 'models:read',
      summary: 'Say how the catalogue is kept up to date with its sources',
      answer: SyncView,
      handle: ({ actor }) => this.services.models.getSync({}, { actor }),
    }),
    route({
      method: 'POST',
      path: '/models/sync',
      access: 'models:write',
      summary: 'Ask the sources now for what is new',
      answer: SyncView,
      handle: ({ actor }) => this.services.models.startSync({}, { actor }),
    }),
    route({
      method: 'GET',
      path: '/models/:source/:id',
      access: 'models:read',
      summary: 'Get a model with its versions, files, pictures and licence',
      description: `The \`/\` in an id of Hugging Face is written \`%2F\`. ${levels}`,
      words: ['source', 'id'],
      query: GetModel,
      hidden: ['source', 'id'],
      given: modelOf,
      answer: ModelView,
      reasons: ['MODEL_NOT_FOUND', 'SOURCE_UNAVAILABLE'],
      handle: ({ query, caller, actor }) =>
        this.services.models.getModel(asViewed(query, caller), { actor, timeoutMs: sourceMs }),
    }),
  ]

  constructor(private readonly services: Services) {}
}

/** The model that a path names. */
export function modelOf({ params }: FastifyRequest): { source: string; id: string } {
  const { source, id } = params as { source: string; id: string }
  return { source, id }
}
