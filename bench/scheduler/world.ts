import { exponential, seeded } from './random.ts'
import type { Random } from './random.ts'

export type Model = { name: string; loadSeconds: number; runSeconds: number; popularity: number }
export type User = { id: string; weight: number; floods: boolean }

export type SimJob = {
  id: number
  user: User
  model: Model
  arrivesAt: number
  /** What it will take; the model's mean is what an estimate from history gives. */
  runSeconds: number
}

export type World = { models: Model[]; users: User[]; workers: number; jobs: SimJob[]; horizon: number }

const loads = [4, 10, 14, 35]
const runs = [6, 15, 25, 120]

export type WorldOptions = {
  seed: number
  workers: number
  models: number
  horizonSeconds: number
  /** Of what the workers could run if they never had to load. */
  load: number
  /** Share of the work that the two who flood bring, together. */
  flood: number
  /** They submit so many jobs at once; the others one by one. */
  burst: number
}

/** Zipf's law over the models; the sizes of models go round, so that popular ones are of all sizes. */
export function makeWorld(options: WorldOptions): World {
  const random = seeded(options.seed)
  const models = Array.from({ length: options.models }, (_, i) => ({
    name: `model-${String(i + 1).padStart(2, '0')}`,
    loadSeconds: loads[i % 4] ?? 0,
    runSeconds: runs[i % 4] ?? 0,
    popularity: 1 / (i + 1),
  }))
  const users = Array.from({ length: 12 }, (_, i) => ({
    id: `user-${String(i + 1).padStart(2, '0')}`,
    weight: i === 4 || i === 8 ? 2 : 1,
    floods: i < 2,
  }))
  const meanRun = meanOf(models, ({ runSeconds }) => runSeconds)
  const jobsPerSecond = (options.load * options.workers) / meanRun
  const jobs = users.flatMap((user) => {
    const share = user.floods ? options.flood / 2 : (1 - options.flood) / 10
    const rate = { perSecond: jobsPerSecond * share, burst: user.floods ? options.burst : 1 }
    return arrivals(rate, options.horizonSeconds, random).map((arrivesAt) => {
      const model = pick(models, random)
      return { id: 0, user, model, arrivesAt, runSeconds: model.runSeconds * (0.8 + 0.4 * random()) }
    })
  })
  jobs.sort((a, b) => a.arrivesAt - b.arrivesAt)
  for (const [i, job] of jobs.entries()) job.id = i
  return { models, users, workers: options.workers, jobs, horizon: options.horizonSeconds }
}

function arrivals(
  { perSecond, burst }: { perSecond: number; burst: number },
  horizon: number,
  random: Random,
): number[] {
  const times: number[] = []
  for (
    let at = exponential(random, burst / perSecond);
    at < horizon;
    at += exponential(random, burst / perSecond)
  ) {
    for (let i = 0; i < burst; i++) times.push(at + i / 100)
  }
  return times
}

function meanOf(models: readonly Model[], of: (model: Model) => number): number {
  const total = models.reduce((sum, { popularity }) => sum + popularity, 0)
  return models.reduce((sum, model) => sum + of(model) * model.popularity, 0) / total
}

function pick(models: readonly Model[], random: Random): Model {
  const total = models.reduce((sum, { popularity }) => sum + popularity, 0)
  let left = random() * total
  for (const model of models) {
    left -= model.popularity
    if (left <= 0) return model
  }
  return models[0] as Model
}
