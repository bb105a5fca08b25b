import type { Bus } from '@easel/bus'
import type { Database } from '@easel/database'
import { BundleShelf } from '../bundles/bundle-shelf.ts'
import { BundlesRepository } from '../bundles/bundles.repository.ts'
import { BundlesRpc } from '../bundles/bundles.rpc.ts'
import { BundlesService } from '../bundles/bundles.service.ts'
import { TransfersUnderWay } from '../bundles/transfers-under-way.ts'
import { ManifestsService } from '../manifests/manifests.service.ts'
import type { ModelSource } from '../sources/source.ts'
import type { SourceId } from '../sources/source-model.ts'
import { Candidates } from './candidates.service.ts'
import { CheckService } from './check.service.ts'
import { FileFacts } from './file-facts.ts'
import type { FoldersOfTypes } from './file-folder.ts'
import { NeedsRepository } from './needs.repository.ts'
import { NeedsRpc } from './needs.rpc.ts'
import type { SourceUrls } from './reference.ts'
import { ResolveService } from './resolve.service.ts'

export type NeedsResources = {
  database: Database
  bus: Bus
  sources: Readonly<Record<SourceId, ModelSource>>
  urls: SourceUrls
  folders: FoldersOfTypes
  /** Whether CivitAI may learn the hashes of files that are here. */
  lookupHashes: boolean
}

/** What answers the contracts `needs` and `bundles`, and of it what others use. */
export function buildNeeds({ database, bus, ...asked }: NeedsResources) {
  const { sources, urls } = asked
  const rows = new BundlesRepository(database)
  const shelf = new BundleShelf(rows)
  const held = new NeedsRepository(database)
  const facts = new FileFacts({ huggingface: sources.huggingface, urls })
  const transfers = new TransfersUnderWay(bus)
  const service = new BundlesService({ rows, shelf, held, facts, transfers })
  const candidates = new Candidates({ sources, shelf, facts, held, urls })
  const resolving = new ResolveService({ ...asked, bundles: service, held, facts })
  return {
    needs: new NeedsRpc(new CheckService({ held, candidates, transfers }), resolving),
    bundles: new BundlesRpc(service, new ManifestsService(service)),
    resolving,
    shelf,
    transfers,
  }
}
