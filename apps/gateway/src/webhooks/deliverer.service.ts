import { Wakeable } from '@easel/database'
import { stringifyJson } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { CONFIG, LOG, WEBHOOK_HTTP } from '../tokens.ts'
import { backOffMs } from './back-off.ts'
import { DeliveriesRepository } from './deliveries.repository.ts'
import { DeliveryMetrics } from './delivery-metrics.ts'
import { post } from './post.ts'
import { Results } from './results.ts'
import { signatureHeaders } from './signature.ts'
import { SigningSecrets } from './signing-secrets.ts'
import { Slots } from './slots.ts'
import type { GuardedHttp } from '@easel/http'
import type { Logger } from '@easel/observability'
import type { GatewayConfig } from '../config.ts'
import type { AttemptResult, Claimed, DueHead, Settled } from './deliveries.repository.ts'
import type { Answer } from './post.ts'
import type { Health } from './results.ts'
import type { DueQueue } from './slots.ts'

const checkMs = 1_000
const failedMs = 1_000
/** Slots that become free together are filled together. */
const gatherMs = 5
const maxQueues = 1_000
/** What is under way at a stop may take so long to end. */
const graceMs = 5_000
const perQueue = 10
const perWebhook = 20
const perHost = 20

/** These end a delivery: a repeat would end the same. */
const final: ReadonlySet<string> = new Set(['GONE', 'WEBHOOK_DISABLED', 'MEMBER_LEFT', 'EVENT_EXPIRED'])
/** These say nothing of the receiver. */
const ours: ReadonlySet<string> = new Set([...final, 'INTERRUPTED', 'INTERNAL'])

/**
 * Sends what is due. A delivery is claimed under a lease, by one gateway; its end is written, or the lease runs
 * out and it is sent again, with the same id and body. So each arrives at least once.
 */
@Injectable()
export class Deliverer implements AsyncDisposable {
  readonly #alarm = new Wakeable()
  readonly #cut = new AbortController()
  readonly #slots: Slots
  readonly #results: Results
  readonly #underWay = new Set<Promise<void>>()
  #loop: Promise<void> | undefined

  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOG) private readonly log: Logger,
    @Inject(WEBHOOK_HTTP) private readonly http: GuardedHttp,
    private readonly deliveries: DeliveriesRepository,
    private readonly secrets: SigningSecrets,
    private readonly metrics: DeliveryMetrics,
  ) {
    this.#slots = new Slots({ all: config.webhooks.concurrency, perQueue, perWebhook, perHost })
    this.#results = new Results(deliveries, config.webhooks.patienceMs)
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  wake(): void {
    this.#alarm.wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#alarm.stop()
    await this.#loop
    const late = setTimeout(() => this.#cut.abort(), graceMs)
    await Promise.all(this.#underWay)
    clearTimeout(late)
  }

  async #run(): Promise<void> {
    while (!this.#alarm.stopped) {
      this.#alarm.rest()
      try {
        await this.#alarm.wait(await this.#sendDue())
        await this.#alarm.pause(gatherMs)
      } catch (cause) {
        if (this.#alarm.stopped) return
        this.log.warn({ err: cause }, 'deliveries are not sent; it is tried again')
        await this.#alarm.pause(failedMs)
      }
    }
  }

  /** How long there is nothing more to do, unless something ends or is added. */
  async #sendDue(): Promise<number> {
    const heads = await this.deliveries.listDue(maxQueues, perWebhook)
    const due = heads.filter(({ inMs }) => inMs <= 0)
    const oldestDueMs = Math.max(0, ...due.map(({ inMs }) => -inMs))
    this.metrics.state({ oldestDueMs, underWay: this.#slots.busy })
    const wanted = this.#slots.choose(due.map(queueOf))
    const claimed = wanted.length > 0 ? await this.deliveries.claim(wanted, this.config.webhooks.leaseMs) : []
    for (const delivery of claimed) this.#begin(delivery)
    // There may be more behind what was just taken.
    if (claimed.length > 0) return 0
    const next = Math.min(...heads.filter(({ inMs }) => inMs > 0).map(({ inMs }) => inMs))
    return Math.min(checkMs, Math.ceil(next) + 1)
  }

  #begin(delivery: Claimed): void {
    const giveBack = this.#slots.take(queueOf(delivery))
    const attempt = this.#attempt(delivery)
      .then(giveBack, (cause: unknown) => {
        giveBack(undefined)
        this.log.error({ err: cause, delivery: delivery.id }, 'an attempt was not recorded; it is made again')
      })
      .finally(() => {
        this.#underWay.delete(attempt)
        this.#alarm.wake()
      })
    this.#underWay.add(attempt)
  }

  /** What it says of the receiver, if anything. */
  async #attempt(delivery: Claimed): Promise<{ failed: boolean; durationMs: number } | undefined> {
    const answer = await this.#send(delivery)
    const { error, durationMs } = answer
    this.metrics.attempted(error, durationMs)
    const result = resultOf(delivery, answer, this.config.webhooks.delaysMs)
    const settled = await this.#results.write(result, healthOf(delivery, error))
    if (settled) await this.#follow(delivery, answer, settled)
    return error !== null && ours.has(error) ? undefined : { failed: error !== null, durationMs }
  }

  async #send(delivery: Claimed): Promise<Answer> {
    const refused = refusalOf(delivery)
    if (refused !== undefined) return { status: null, error: refused, durationMs: 0 }
    try {
      const { id, url } = delivery
      const body = bodyOf(delivery)
      const timestamp = Math.floor(Date.now() / 1_000)
      const headers = signatureHeaders({ id, timestamp, body }, this.#secretsOf(delivery))
      return await post(this.http, { url, headers, body, signal: this.#cut.signal })
    } catch (cause) {
      if (this.#cut.signal.aborted) return { status: null, error: 'INTERRUPTED', durationMs: 0 }
      this.log.error({ err: cause, delivery: delivery.id }, 'a delivery could not be sent')
      return { status: null, error: 'INTERNAL', durationMs: 0 }
    }
  }

  #secretsOf({ webhookId, secret, previousSecret }: Claimed): string[] {
    const previous = previousSecret === null ? undefined : this.secrets.find(webhookId, previousSecret)
    const current = this.secrets.open(webhookId, secret)
    return previous === undefined ? [current] : [current, previous]
  }

  /** What follows for its webhook. */
  async #follow({ webhookId, isJobUrl, type }: Claimed, { error }: Answer, settled: Settled): Promise<void> {
    if (settled.status !== 'due') this.metrics.ended(settled.status)
    if (settled.gaveUp)
      this.log.warn({ webhookId, delivery: settled.id, type, error }, 'a delivery was given up')
    if (isJobUrl) return
    const { disableAfterMs } = this.config.webhooks
    const disabled =
      (error === 'GONE' && (await this.deliveries.disable(webhookId, 'GONE'))) ||
      (settled.gaveUp && (await this.deliveries.disable(webhookId, 'FAILING', disableAfterMs)))
    if (disabled) this.log.warn({ webhookId, error }, 'a webhook was switched off')
  }
}

/** The one for job URLs is no receiver. */
function healthOf({ isJobUrl }: Claimed, error: string | null): Health {
  if (isJobUrl || (error !== null && ours.has(error))) return undefined
  return error === null ? 'well' : 'failing'
}

function queueOf({ queue, webhookId, url }: DueHead | Claimed): DueQueue {
  return { queue, webhookId, host: URL.parse(url)?.host ?? '' }
}

function refusalOf({ enabled, allowed, event, body }: Claimed): string | undefined {
  if (!enabled) return 'WEBHOOK_DISABLED'
  if (!allowed) return 'MEMBER_LEFT'
  return event === null && body === null ? 'EVENT_EXPIRED' : undefined
}

/** The same bytes in every attempt: `data` is the text that Postgres gives. */
function bodyOf({ type, event, body }: Claimed): string {
  if (event === null) return body ?? ''
  const { cursor, spaceId, time, data } = event
  const head = stringifyJson({ type, timestamp: time.toISOString(), id: cursor, spaceId })
  return `${head.slice(0, -1)},"data":${data}}`
}

function resultOf(
  { id, attempt, failures }: Claimed,
  answer: Answer,
  delaysMs: readonly number[],
): AttemptResult {
  const { status, error, durationMs, retryAfterMs } = answer
  const outcome = error === null ? 'delivered' : final.has(error) ? 'failed' : 'again'
  const delayMs = error === 'INTERRUPTED' ? 0 : backOffMs(delaysMs, { failures, retryAfterMs })
  return { id, attempt, outcome, delayMs, durationMs, status, error }
}
