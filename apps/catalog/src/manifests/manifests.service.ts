import { PutBundle } from '@easel/contracts'
import type { BundleView, ImportedManifests, ImportManifests, RefusedManifest } from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import { plainToInstance } from 'class-transformer'
import { validateSync } from 'class-validator'
import { bundleFaults } from '../bundles/bundle-faults.ts'
import { requireAdmin, toBundleView } from '../bundles/bundles.service.ts'
import type { BundlesService } from '../bundles/bundles.service.ts'
import { bundleOf } from './wangp-bundle.ts'
import { ManifestProblem, WangpManifests } from './wangp-manifest.ts'

/** Makes bundles of WanGP's manifests; one that is wrong does not keep the others from it. */
export class ManifestsService {
  constructor(private readonly bundles: BundlesService) {}

  async import(actor: Actor, { manifests, dryRun = false }: ImportManifests): Promise<ImportedManifests> {
    requireAdmin(actor)
    const all = new WangpManifests(manifests)
    const bundles: BundleView[] = []
    const refused: RefusedManifest[] = []
    for (const name of new Set(manifests.map((manifest) => manifest.name))) {
      const made = make(name, all)
      if ('problem' in made) refused.push(made)
      else bundles.push(dryRun ? shown(made) : await this.bundles.put(actor, made))
    }
    return { bundles, refused }
  }
}

function make(name: string, all: WangpManifests): PutBundle | RefusedManifest {
  try {
    const bundle = bundleOf(name, all)
    const [invalid] = validateSync(plainToInstance(PutBundle, bundle))
    const [fault] = bundleFaults(bundle)
    if (!invalid && !fault) return bundle
    return { name, problem: fault?.message ?? `Its ${invalid!.property} cannot be taken` }
  } catch (cause) {
    if (cause instanceof ManifestProblem) return { name, problem: cause.message }
    throw cause
  }
}

const shown = (bundle: PutBundle): BundleView =>
  toBundleView({ ...bundle, builtin: false, updatedAt: new Date().toISOString() })
