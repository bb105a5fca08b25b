import { answerCivitai } from './civitai/routes.ts'
import { Delivery } from './http/delivery.ts'
import { Faults, type Fault } from './http/faults.ts'
import { serve, type SeenRequest, type StandInServer } from './http/server.ts'
import { answerHuggingFace } from './huggingface/routes.ts'
import { makeCivitaiWorld, type CivitaiWorld } from './world/civitai-world.ts'
import { makeHuggingFaceWorld, type HuggingFaceWorld } from './world/huggingface-world.ts'

export type StandInOptions = {
  /** The same seed makes the same models, repositories and bytes. */
  seed?: number
  /** About how large a model file is; default 8 KiB. */
  fileBytes?: number
  /** 0, the default, takes free ones. */
  civitaiPort?: number
  huggingfacePort?: number
  deliveryPort?: number
  /** CivitAI keys that are good; default `civitai_standinkey`. Those of Hugging Face are in its world's `grants`. */
  civitaiTokens?: readonly string[]
  /** How long a signed address lives; default one hour. */
  signedForMs?: number
  /** Entries of a page of a repository's tree; default 1,000. */
  treePage?: number
}

export type StandIns = AsyncDisposable & {
  readonly civitai: StandInServer & { readonly world: CivitaiWorld }
  readonly huggingface: StandInServer & { readonly world: HuggingFaceWorld }
  /** Where both send downloads to: another origin. */
  readonly delivery: StandInServer
  /** All that came, in order. */
  readonly requests: readonly SeenRequest[]
  /** Makes something go wrong until it is disposed of. */
  fault(fault: Fault): Disposable
  clearFaults(): void
  clearRequests(): void
  /** Changes while it runs. */
  readonly settings: { signedForMs: number; combinedSearch: boolean }
}

/**
 * CivitAI and Hugging Face on this machine: a made-up world behind the routes, rules and failures of the real ones,
 * over real HTTP.
 */
export async function startStandIns(options: StandInOptions = {}): Promise<StandIns> {
  await using stack = new AsyncDisposableStack()
  const faults = new Faults()
  const seen: SeenRequest[] = []
  const settings = { signedForMs: options.signedForMs ?? 3_600_000, combinedSearch: false }
  const civitaiWorld = makeCivitaiWorld(options)
  const hubWorld = makeHuggingFaceWorld(options)
  const tokens = new Set(options.civitaiTokens ?? ['civitai_standinkey'])

  const storage: Delivery = new Delivery({ origin: () => delivery.url, validMs: () => settings.signedForMs })
  const delivery: StandInServer = stack.use(
    await serve({
      name: 'delivery',
      port: options.deliveryPort ?? 0,
      faults,
      seen,
      handle: (call) => storage.answer(call),
    }),
  )
  const civitaiOptions = {
    world: civitaiWorld,
    tokens,
    signer: storage,
    combinedSearch: () => settings.combinedSearch,
  }
  const civitai = stack.use(
    await serve({
      name: 'civitai',
      port: options.civitaiPort ?? 0,
      faults,
      seen,
      handle: (call) => answerCivitai(civitaiOptions, call),
    }),
  )
  const hubOptions = { world: hubWorld, signer: storage, treePage: options.treePage ?? 1_000 }
  const huggingface = stack.use(
    await serve({
      name: 'huggingface',
      port: options.huggingfacePort ?? 0,
      faults,
      seen,
      handle: (call) => answerHuggingFace(hubOptions, call),
    }),
  )
  const owned = stack.move()
  return {
    civitai: { ...civitai, world: civitaiWorld },
    huggingface: { ...huggingface, world: hubWorld },
    delivery,
    requests: seen,
    settings,
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    clearRequests: () => void (seen.length = 0),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
