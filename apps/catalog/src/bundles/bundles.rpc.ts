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
import { requireActor } from '@easel/protocol'
import type { CallContext, Done, Handlers } from '@easel/protocol'
import type { ManifestsService } from '../manifests/manifests.service.ts'
import type { BundlesService } from './bundles.service.ts'

/** Everybody may see them; only admins change them. */
export class BundlesRpc implements Handlers<typeof bundles> {
  constructor(
    private readonly service: BundlesService,
    private readonly manifests: ManifestsService,
  ) {}

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

  async importManifests(input: ImportManifests, context: CallContext): Promise<ImportedManifests> {
    return this.manifests.import(requireActor(context), input)
  }
}
