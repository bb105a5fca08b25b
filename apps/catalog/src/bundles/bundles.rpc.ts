import type {
  BundleById,
  BundlePage,
  bundles,
  BundleStatus,
  BundleView,
  ImportedManifests,
  ImportManifests,
  ListBundles,
  PutBundle,
} from '@easel/contracts'
import { AppError, requireActor } from '@easel/protocol'
import type { CallContext, Done, Handlers } from '@easel/protocol'
import type { BundlesService } from './bundles.service.ts'

/** Everybody may see them; only admins change them. */
export class BundlesRpc implements Handlers<typeof bundles> {
  constructor(private readonly service: BundlesService) {}

  async listBundles(input: ListBundles, context: CallContext): Promise<BundlePage> {
    requireActor(context)
    return this.service.list(input)
  }

  async getBundle(input: BundleById, context: CallContext): Promise<BundleView> {
    requireActor(context)
    return this.service.view(input)
  }

  async getStatus(input: BundleById, context: CallContext): Promise<BundleStatus> {
    return this.service.status(requireActor(context), input)
  }

  async putBundle(input: PutBundle, context: CallContext): Promise<BundleView> {
    return this.service.put(requireActor(context), input)
  }

  async deleteBundle(input: BundleById, context: CallContext): Promise<Done> {
    await this.service.delete(requireActor(context), input)
    return {}
  }

  async importManifests(_input: ImportManifests, _context: CallContext): Promise<ImportedManifests> {
    throw new AppError('unavailable', 'Not yet')
  }
}
