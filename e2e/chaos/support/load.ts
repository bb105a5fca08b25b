import { setTimeout as delay } from 'node:timers/promises'
import { colourGraph, samplerGraph } from '../../support/graphs.ts'
import type { Json } from '../../support/api.ts'
import type { Person } from '../../support/people.ts'
import { Client } from './client.ts'
import type { Tally } from './client.ts'
import type { Random } from './random.ts'

export const jobShapes = ['plain', 'sampled', 'long', 'many', 'failing', 'fleeting', 'repeated'] as const
export type JobShape = (typeof jobShapes)[number]

/** A job that somebody was promised. */
export type Accepted = {
  id: string
  shape: JobShape
  /** Index of who submitted it. */
  person: number
  spaceId: string
  key: string
  webhook: boolean
  canceled: boolean
}

export type LoadOptions = {
  jobs: number
  gateways: readonly string[]
  people: readonly Person[]
  /** Spaces of each beside the personal one. */
  spaces: readonly (readonly string[])[]
  random: Random
  tally: Tally
  /** Where results are to be told; none: nobody asks for it. */
  webhookUrl?: string
  /** Jobs that have not ended, at the most: more only wait longer. */
  open?: number
}

/** Submits, repeats and cancels as many people would; remembers each promise that it was given. */
export class Load {
  readonly accepted = new Map<string, Accepted>()
  /** Answers that broke a promise at once. */
  readonly broken: string[] = []
  submitted = 0
  /** Submissions that nobody took: no promise, no harm. */
  untaken = 0
  readonly #options: LoadOptions
  readonly #random: Random
  readonly #ended = new Set<string>()
  readonly #side: Promise<void>[] = []

  constructor(options: LoadOptions) {
    this.#options = options
    this.#random = options.random.fork()
  }

  get open(): number {
    return this.accepted.size - this.#ended.size
  }

  /** A promise that somebody else was given. */
  remember(job: Pick<Accepted, 'id' | 'key' | 'person' | 'spaceId'>): void {
    this.accepted.set(job.id, { ...job, shape: 'long', webhook: false, canceled: false })
  }

  /** Told by whoever watches the ledger. */
  noteEnd(id: string): void {
    if (this.accepted.has(id)) this.#ended.add(id)
  }

  /** @param progress of what goes on meanwhile, from 0 to 1: the load keeps pace with it. */
  async run(signal: AbortSignal, progress: () => number = () => 1): Promise<void> {
    const { jobs, open = 40 } = this.#options
    const submitter = async () => {
      while (this.submitted < jobs && !signal.aborted) {
        if (this.open >= open || this.submitted >= jobs * progress()) {
          await delay(50)
          continue
        }
        const number = ++this.submitted
        await this.#one(number)
      }
    }
    await Promise.all(Array.from({ length: 8 }, submitter))
    await Promise.all(this.#side)
  }

  async #one(number: number): Promise<void> {
    const { people, spaces, webhookUrl } = this.#options
    // Drawn at once, before anything is waited for: what job 17 is does not depend on how fast job 16 was.
    const random = this.#random.fork()
    const person = random.integer(0, people.length - 1)
    const { spaceId: personal } = people[person]!
    const shape = random.weighted(shapes).name
    const spaceId = random.chance(0.3) ? random.pick([personal, ...spaces[person]!]) : personal
    const webhook = webhookUrl !== undefined && random.chance(0.3)
    const key = `chaos-${number}-${random.integer(0, 1e9)}`
    const body = {
      workflow: graphOf(shape, random),
      spaceId,
      priority: random.pick(['interactive', 'normal', 'normal', 'bulk']),
      ...(shape === 'fleeting' && { expiresInSeconds: random.integer(1, 3) }),
      ...(webhook && { webhookUrl: `${webhookUrl}/jobs/${number}` }),
    }
    const client = this.#client(person, random)
    const copies = shape === 'repeated' ? 3 : 1
    const answers = await Promise.all(
      Array.from({ length: copies }, () => client.send('POST', '/api/jobs', { body, key })),
    )
    const promised = answers.filter((answer) => answer !== undefined)
    for (const { status, body: said } of promised) {
      if (status !== 202 && status !== 200) {
        this.broken.push(`job ${number} was answered ${status} ${JSON.stringify(said).slice(0, 300)}`)
      }
    }
    const ids = new Set(promised.filter(({ status }) => status < 300).map(({ body: { id } }) => String(id)))
    if (ids.size > 1) this.broken.push(`job ${number} has the ids ${[...ids].join(' and ')}`)
    if (ids.size === 0) this.untaken += 1
    const cancel = random.chance(0.08)
    for (const id of ids) {
      const accepted = { id, shape, person, spaceId, key, webhook, canceled: cancel }
      this.accepted.set(id, accepted)
      if (cancel) this.#side.push(this.#cancel(accepted, client, random.integer(0, 1_500)))
      else if (random.chance(0.1)) this.#side.push(this.#sendAgain(accepted, { client, body }))
    }
  }

  #client(person: number, random: Random): Client {
    const { gateways, people, tally } = this.#options
    return new Client(gateways, people[person]!.api.key, { random: random.fork(), tally })
  }

  async #cancel(job: Accepted, client: Client, afterMs: number): Promise<void> {
    await delay(afterMs)
    const answer = await client.send('POST', `/api/jobs/${job.id}/cancel`)
    if (answer && answer.status !== 200) {
      this.broken.push(`cancel of ${job.id} was answered ${answer.status} ${JSON.stringify(answer.body)}`)
    }
  }

  /** The same key again, a while later: the same job. */
  async #sendAgain(job: Accepted, { client, body }: { client: Client; body: Json }): Promise<void> {
    await delay(2_000)
    const answer = await client.send('POST', '/api/jobs', { body, key: job.key })
    if (answer && answer.body.id !== job.id) {
      this.broken.push(`the key of ${job.id} gave ${answer.status} ${JSON.stringify(answer.body.id)}`)
    }
  }
}

const shapes: readonly { name: JobShape; weight: number }[] = [
  { name: 'plain', weight: 40 },
  { name: 'sampled', weight: 25 },
  { name: 'long', weight: 8 },
  { name: 'many', weight: 7 },
  { name: 'failing', weight: 8 },
  { name: 'fleeting', weight: 6 },
  { name: 'repeated', weight: 6 },
]

function graphOf(shape: JobShape, random: Random): Json {
  const color = random.integer(0, 0xffffff)
  if (shape === 'sampled') return samplerGraph(color, random.integer(4, 16))
  if (shape === 'long') return sleepGraph(random.integer(5, 25) / 10, color)
  if (shape === 'failing') return withNode('TestSyncError', {}, color)
  if (shape !== 'many') return colourGraph(color)
  return {
    ...colourGraph(color),
    '4': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
    '5': { class_type: 'SaveImage', inputs: { images: ['4', 0], filename_prefix: 'inverted' } },
    '6': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'small' } },
  }
}

export function sleepGraph(seconds: number, color: number): Json {
  return withNode('TestSleep', { seconds }, color)
}

function withNode(classType: string, inputs: Json, color: number): Json {
  return {
    '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 48, batch_size: 1, color } },
    '2': { class_type: classType, inputs: { value: ['1', 0], ...inputs } },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'tested' } },
  }
}
