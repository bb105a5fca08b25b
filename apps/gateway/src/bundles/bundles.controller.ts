import {
  BundleById,
  BundlePage,
  BundleStatus,
  BundleView,
  ImportedManifests,
  ImportManifests,
  ListBundles,
  PutBundle,
} from '@easel/contracts'
import { AppError } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { actOf, AuditRepository } from '../people/audit.repository.ts'
import { actingOf } from '../people/users.controller.ts'
import { Services } from '../services.ts'
import type { FastifyRequest } from 'fastify'
import type { Call, Controller, Route } from '../http/route.ts'

/** Its id is in the body, not in the path. */
class AddBundle extends PutBundle {}

const byId = {
  words: ['id'],
  hidden: ['id'],
  given: ({ params }: FastifyRequest) => ({ id: (params as { id: string }).id }),
}

/** Named lists of files that belong together. Everybody may see and install them; admins keep them. */
@Injectable()
export class BundlesController implements Controller {
  readonly area = 'bundles'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/bundles',
      access: 'models:read',
      summary: 'List bundles: named lists of model files that belong together',
      query: ListBundles,
      answer: BundlePage,
      handle: ({ query, actor }) => this.services.bundles.listBundles(query, { actor }),
    }),
    route({
      method: 'POST',
      path: '/bundles',
      access: 'admin',
      summary: 'Add a bundle',
      body: AddBundle,
      answer: BundleView,
      status: 201,
      creates: true,
      reasons: ['BUNDLE_EXISTS'],
      handle: async (call) => {
        await this.#requireNew(call)
        return this.#put(call)
      },
    }),
    route({
      method: 'POST',
      path: '/bundles/import',
      access: 'admin',
      summary: 'Make bundles of WanGP’s `defaults/*.json`; with `dryRun` only say what would come of them',
      body: ImportManifests,
      answer: ImportedManifests,
      handle: async (call) => {
        const imported = await this.services.bundles.importManifests(call.body, { actor: call.actor })
        if (!call.body.dryRun) await this.#note(call, 'imported', `${imported.bundles.length} bundles`)
        return imported
      },
    }),
    route({
      method: 'GET',
      path: '/bundles/:id',
      access: 'models:read',
      summary: 'Get a bundle with its files',
      ...byId,
      query: BundleById,
      answer: BundleView,
      reasons: ['BUNDLE_NOT_FOUND'],
      handle: ({ query, actor }) => this.services.bundles.getBundle(query, { actor }),
    }),
    route({
      method: 'GET',
      path: '/bundles/:id/status',
      access: 'models:read',
      summary: 'Say which files of a bundle are here, wrong, on their way or missing',
      ...byId,
      query: BundleById,
      answer: BundleStatus,
      reasons: ['BUNDLE_NOT_FOUND'],
      handle: ({ query, actor }) => this.services.bundles.getStatus(query, { actor }),
    }),
    route({
      method: 'PUT',
      path: '/bundles/:id',
      access: 'admin',
      summary: 'Add or replace a bundle, also one that came with Easel',
      ...byId,
      body: PutBundle,
      answer: BundleView,
      handle: (call) => this.#put(call),
    }),
    route({
      method: 'DELETE',
      path: '/bundles/:id',
      access: 'admin',
      summary: 'Remove a bundle; one that came with Easel comes back as it was. Its files stay',
      ...byId,
      query: BundleById,
      reasons: ['BUNDLE_NOT_FOUND'],
      handle: async (call) => {
        await this.services.bundles.deleteBundle(call.query, { actor: call.actor })
        await this.#note(call, 'removed', call.query.id)
      },
    }),
  ]

  constructor(
    private readonly services: Services,
    private readonly audit: AuditRepository,
  ) {}

  async #put(call: Call<PutBundle>): Promise<BundleView> {
    const bundle = await this.services.bundles.putBundle(call.body, { actor: call.actor })
    await this.#note(call, 'saved', bundle.id)
    return bundle
  }

  /** Against a slip, not against a race: two admins who add the same at once end with the later one. */
  async #requireNew({ body: { id }, actor }: Call<PutBundle>): Promise<void> {
    try {
      await this.services.bundles.getBundle({ id }, { actor })
    } catch (cause) {
      if (cause instanceof AppError && cause.code === 'not_found') return
      throw cause
    }
    throw new AppError('conflict', `There is a bundle ${id}: replace it with PUT`, {
      reason: 'BUNDLE_EXISTS',
    })
  }

  async #note(call: Parameters<typeof actingOf>[0], what: string, target: string): Promise<void> {
    await this.audit.add(actOf(actingOf(call), `bundle.${what}`, `bundle:${target}`))
  }
}
