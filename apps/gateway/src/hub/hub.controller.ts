import {
  AdoptedFiles,
  AdoptFiles,
  HubFilePage,
  HubFileView,
  HubHash,
  HubStatus,
  ListHubFiles,
  PinHubFile,
  VerifyHub,
} from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { actOf, AuditRepository } from '../people/audit.repository.ts'
import { actingOf } from '../people/users.controller.ts'
import { Services } from '../services.ts'
import type { Controller, Route } from '../http/route.ts'

const pins = [
  ['PUT', 'Keep a content, whatever the budget says', true],
  ['DELETE', 'Let a content go when room is needed', false],
] as const

/** Each file is hashed on the way, and one may be large; after ten seconds no other is begun. */
const adoptMs = 280_000

/** The store behind the models folders: each content once. Admins only. */
@Injectable()
export class HubController implements Controller {
  readonly area = 'hub'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/hub',
      access: 'admin',
      summary: 'Say how much the hub holds, saves and may take',
      answer: HubStatus,
      handle: ({ actor }) => this.services.hub.getStatus({}, { actor }),
    }),
    route({
      method: 'GET',
      path: '/hub/files',
      access: 'admin',
      summary: 'List the contents of the hub and the names that are links to them',
      query: ListHubFiles,
      answer: HubFilePage,
      handle: ({ query, actor }) => this.services.hub.listFiles(query, { actor }),
    }),
    route({
      method: 'POST',
      path: '/hub/verify',
      access: 'admin',
      summary: 'Hash contents again, in the background; all of them, unless some are named',
      body: VerifyHub,
      optionalBody: true,
      answer: HubStatus,
      status: 202,
      handle: ({ body, actor }) => this.services.hub.verify(body, { actor }),
    }),
    route({
      method: 'POST',
      path: '/hub/adopt',
      access: 'admin',
      summary: 'Take files of the library into the hub; each becomes a link. No file is lost when that fails',
      body: AdoptFiles,
      answer: AdoptedFiles,
      reasons: ['NO_MODELS_DIRECTORY'],
      handle: async (call) => {
        const adopted = await this.services.hub.adoptFiles(call.body, {
          actor: call.actor,
          timeoutMs: adoptMs,
        })
        const act = actOf(actingOf(call), 'hub.adopted', `${adopted.items.length} files`)
        if (!call.body.dryRun) await this.audit.add(act)
        return adopted
      },
    }),
    ...pins.map(([method, summary, pinned]) =>
      route({
        method,
        path: '/hub/files/:sha256/pin',
        access: 'admin',
        summary,
        words: ['sha256'],
        query: PinHubFile,
        hidden: ['sha256', 'pinned'],
        given: ({ params }) => ({ sha256: (params as { sha256: string }).sha256, pinned }),
        answer: HubFileView,
        reasons: ['CONTENT_NOT_FOUND'],
        handle: ({ query, actor }) => this.services.hub.pinFile(query, { actor }),
      }),
    ),
    route({
      method: 'POST',
      path: '/hub/files/:sha256/evict',
      access: 'admin',
      summary: 'Delete a content that nothing uses; its names stay, and it can be fetched again',
      words: ['sha256'],
      query: HubHash,
      hidden: ['sha256'],
      given: ({ params }) => ({ sha256: (params as { sha256: string }).sha256 }),
      answer: HubFileView,
      reasons: ['CONTENT_NOT_FOUND', 'CONTENT_IN_USE'],
      handle: async (call) => {
        const file = await this.services.hub.evictFile(call.query, { actor: call.actor })
        await this.audit.add(actOf(actingOf(call), 'hub.evicted', `content:${file.sha256}`))
        return file
      },
    }),
  ]

  constructor(
    private readonly services: Services,
    private readonly audit: AuditRepository,
  ) {}
}
