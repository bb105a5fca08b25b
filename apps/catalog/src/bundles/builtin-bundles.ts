import type { PutBundle } from '@easel/contracts'
import bundles from './builtin-bundles.json' with { type: 'json' }

/** When the list below was last gone through. */
export const builtinBundlesAt = '2026-11-20T00:00:00.000Z'

/**
 * What comes with Easel. Sizes and hashes are not written down here: the source that has a file is asked for them,
 * so they are right for the file that it has now.
 */
export const builtinBundles = bundles as unknown as readonly PutBundle[]
