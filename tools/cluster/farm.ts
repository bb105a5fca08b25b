import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FailureKind, FailureRule, NodePack } from '@easel/comfy-sim'
import { Random } from './random.ts'
import { RemoteSimulators } from './remote-simulators.ts'
import { Simulators } from './simulators.ts'
import { turn } from './virtual-models.ts'
import type { SimulatedPrompt, SimulatorSettings, SimulatorStats } from './simulators.ts'
import type { VirtualModel } from './virtual-models.ts'

/** GPUs that are not there: each a simulated ComfyUI with models, video memory and a speed. */
export type FarmOptions = {
  workers: number
  /** Most popular first, see `virtualModels`. */
  models: readonly VirtualModel[]
  /** Same seed, same placement of models, same draws of failures. Default 1. */
  seed?: number
  /** Real seconds for each virtual one; 0.05 makes twenty seconds one. Default 1. */
  timeScale?: number
  /** Video memory in GiB, the list goes round the workers. Default 24. */
  vramGib?: readonly number[]
  /** How fast the GPUs sample, 1 is what the models' times are said for; goes round the workers. Default 1. */
  speeds?: readonly number[]
  /** Share of the workers that have the file of a model, 0 to 1. Each model is on two at least. Default 1. */
  copies?: number
  /** How likely each prompt meets such a failure, 0 to 1. After a crash it comes back in ten virtual seconds. */
  faults?: Partial<Record<FailureKind, number>>
  /** Processes to spread the simulators over; 0 keeps them in this one. Default 1. */
  processes?: number
  nodePacks?: readonly NodePack[]
}

/** One simulated GPU. */
export type Place = {
  readonly index: number
  readonly url: string
  readonly vramBytes: number
  readonly speed: number
  /** File names of its models. */
  readonly models: readonly string[]
}

export type Farm = AsyncDisposable & {
  readonly places: readonly Place[]
  readonly urls: readonly string[]
  /** One for each place, counted since the start. */
  stats(): Promise<SimulatorStats[]>
  /** What place `index` has run. */
  prompts(index: number): Promise<SimulatedPrompt[]>
  /** Adds a failure for what comes next at place `index`. */
  inject(index: number, failure: FailureRule): Promise<void>
  /** Its ComfyUI is gone, as after kill -9, until `restart`. */
  crash(index: number): Promise<void>
  /** Back on the same port, with an empty queue and empty memory. */
  restart(index: number): Promise<void>
}

type Group = Simulators | RemoteSimulators

const gib = 1024 ** 3
const restartSeconds = 10

/** Starts the simulators; they take prompts when it resolves. Disposing it ends them and removes what they wrote. */
export async function startFarm(options: FarmOptions): Promise<Farm> {
  const { workers, processes = 1 } = options
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'easel-farm-'))
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

  const plans = plan(options)
  const size = Math.ceil(workers / Math.max(1, processes))
  const groups: Group[] = []
  const urls: string[] = []
  for (let first = 0; first < workers; first += size) {
    const group = stack.use(processes === 0 ? new Simulators() : new RemoteSimulators())
    groups.push(group)
    const settings = plans
      .slice(first, first + size)
      .map((each, at) => settingsOf(options, each, join(folder, String(first + at))))
    urls.push(...(await group.start(settings)))
  }
  const places = plans.map((each, index): Place => ({ ...each, index, url: urls[index]! }))

  const at = (index: number): [Group, number] => {
    const group = groups[Math.floor(index / size)]
    if (!group || !places[index]) throw new RangeError(`There is no worker ${index}`)
    return [group, index % size]
  }
  const ask = <T>(index: number, question: (group: Group, local: number) => Promise<T>) =>
    question(...at(index))
  const owned = stack.move()
  return {
    places,
    urls,
    stats: async () => (await Promise.all(groups.map((group) => group.stats()))).flat(),
    prompts: (index) => ask(index, (group, local) => group.prompts(local)),
    inject: (index, failure) => ask(index, (group, local) => group.inject(local, failure)),
    crash: (index) => ask(index, (group, local) => group.crash(local)),
    restart: (index) => ask(index, (group, local) => group.restart(local)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Plan = Omit<Place, 'index' | 'url'>

/** Which GPU has what: by the seed alone. */
function plan({ workers, models, seed = 1, vramGib = [24], speeds = [1], copies = 1 }: FarmOptions): Plan[] {
  const random = new Random(seed).fork('placement')
  const all = Array.from({ length: workers }, (_, index) => index)
  const wanted = Math.min(workers, Math.max(2, Math.round(workers * copies)))
  const holders = models.map((_, index) => new Set(random.fork(index).shuffled(all).slice(0, wanted)))
  return all.map((index) => ({
    vramBytes: turn(vramGib, index) * gib,
    speed: turn(speeds, index),
    models: models.filter((_, model) => holders[model]!.has(index)).map(({ file }) => file),
  }))
}

function settingsOf(options: FarmOptions, place: Plan, baseDirectory: string): SimulatorSettings {
  const { models, seed = 1, timeScale = 1, faults = {}, nodePacks } = options
  const byFile = (value: (model: VirtualModel) => number) =>
    Object.fromEntries(models.map((model) => [model.file, value(model)]))
  const kinds = Object.entries(faults) as [FailureKind, number][]
  return {
    baseDirectory,
    seed: `${seed}/failures/${baseDirectory.split('/').at(-1)}`,
    models: { checkpoints: place.models },
    modelBytes: byFile(({ bytes }) => bytes),
    modelLoadMs: byFile(({ loadSeconds }) => loadSeconds * 1_000),
    stepMs: byFile(({ runSeconds, steps }) => (runSeconds * 1_000) / steps / place.speed),
    vramBytes: place.vramBytes,
    timeScale,
    failures: kinds.map(([kind, chance]) => ({
      kind,
      chance,
      times: Infinity,
      ...(kind === 'crash' && { restartAfterMs: restartSeconds * 1_000 * timeScale }),
    })),
    ...(nodePacks && { nodePacks }),
  }
}
