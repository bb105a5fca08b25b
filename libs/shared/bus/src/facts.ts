import { AppError, factSubject, parseJson, stringifyJson } from '@easel/protocol'
import { injectTrace, runWithTrace } from '@easel/observability'
import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { acknowledge } from './acknowledge.ts'
import { readTrace } from './call-headers.ts'
import { decode } from './decode.ts'
import { publishToStream } from './stream-publish.ts'
import { Subscription } from './subscription.ts'
import type { Fact } from '@easel/protocol'
import type { JsMsg } from '@nats-io/jetstream'
import type { Bus } from './connect.ts'

/** As it lies in an outbox: `payload` is JSON text. `id` makes a repeated publish of it a no-op. */
export type OutgoingFact = {
  id: string
  subject: string
  payload: string
  headers?: Readonly<Record<string, string>>
}

/**
 * Publishes and waits for the stream's word for each. Order is kept: the messages go out on one connection
 * in turn. A failure of one fails the whole, and the caller repeats all; ids make that harmless.
 */
export async function publishFacts(bus: Bus, facts: readonly OutgoingFact[]): Promise<void> {
  const { factsStored } = bus
  await Promise.all(
    facts.map(async ({ id, subject, payload, headers = {} }) => {
      const sequence = await publishToStream(bus, { subject, id, payload, headers })
      if (sequence > (factsStored.newest?.sequence ?? 0)) factsStored.newest = { sequence, id }
    }),
  )
}

/** For who has no database and so no outbox (a worker): one fact, durable when this resolves. */
export async function publishFact<T extends object>(
  bus: Bus,
  fact: Fact<T>,
  { id, payload }: { id: string; payload: T },
): Promise<void> {
  const message = { id, subject: factSubject(fact), payload: stringifyJson(payload), headers: injectTrace() }
  await publishFacts(bus, [message])
}

/** One delivery of a fact. Its `id` is the same in every delivery: the key of an inbox. */
export type Delivery<T extends object = object> = {
  id: string
  payload: T
  /** `evt.…`, without the bus's prefix. */
  subject: string
  /** Position in the stream: rises, with gaps. */
  sequence: number
  /** 1 for the first time. */
  deliveries: number
  /** Trace headers of who published it. */
  readonly trace: Readonly<Record<string, string>>
}

export type FactConsumerOptions<T extends object> = {
  /** The durable name: replicas with one name share the facts. */
  consumer: string
  fact: Fact<T>
  /** Must be idempotent. Throwing a retryable or unexpected error brings the fact again, later. */
  handle: (delivery: Delivery<T>) => Promise<void>
  /** How many at once, in this process. */
  concurrency?: number
}

/** Consumes one kind of fact, at least once, several at a time, in no particular order. */
export async function consumeFact<T extends object>(
  bus: Bus,
  options: FactConsumerOptions<T>,
): Promise<AsyncDisposable> {
  const { fact, consumer, handle, concurrency = 16 } = options
  const name = `${consumer}__${fact.name.replaceAll('.', '_')}_v${fact.version}`
  const subscription = new Subscription(bus, {
    stream: bus.stream('FACTS'),
    consumer: consumerConfig(name, bus.subject(factSubject(fact)), concurrency * 2),
    buffer: concurrency * 2,
    async run(messages) {
      using held = new Held()
      const active = new Set<Promise<void>>()
      for await (const message of messages) {
        held.add(message)
        const work = settle(bus, message, () => handle(deliveryOf(bus, fact, message))).finally(() => {
          active.delete(work)
          held.delete(message)
        })
        active.add(work)
        if (active.size >= concurrency) await Promise.race(active)
      }
      await Promise.all(active)
    },
  })
  await subscription.start()
  return subscription
}

export type BatchConsumerOptions = {
  consumer: string
  /** The kinds that come, all in one order. */
  facts: readonly Fact<any>[]
  /** Their payloads are handed on as they were published: for facts that only services of ours publish. */
  trusted?: boolean
  /** Gets what has arrived, in stream order. A throw brings the same batch again. */
  handle: (batch: readonly Delivery[]) => Promise<void>
  maxBatch?: number
  /** Nobody else consumes under this name at the same time: then the order holds when a process dies, too. */
  sole?: boolean
}

/** Consumes facts in stream order, as many at a time as are there: for who writes them in one transaction. */
export async function consumeBatches(bus: Bus, options: BatchConsumerOptions): Promise<AsyncDisposable> {
  const { consumer, facts, trusted = false, handle, maxBatch = 100, sole = false } = options
  const subjects = facts.map((fact) => bus.subject(factSubject(fact)))
  const known = new Map(facts.map((fact, index) => [subjects[index], trusted ? undefined : fact]))
  const subscription = new Subscription(bus, {
    stream: bus.stream('FACTS'),
    consumer: consumerConfig(`${consumer}__in_order`, covering(subjects), maxBatch * 4),
    buffer: maxBatch * 2,
    sole,
    async run(messages, closing) {
      using held = new Held()
      let waiting: JsMsg[] = []
      let busy: Promise<void> | undefined
      const drain = async () => {
        while (waiting.length > 0) {
          const batch = waiting.slice(0, maxBatch)
          waiting = waiting.slice(maxBatch)
          await handleBatch({ bus, known, handle }, batch, closing)
          for (const message of batch) held.delete(message)
          if (batch.length >= many && waiting.length < maxBatch) await waitFor(gatherMs, closing)
        }
        busy = undefined
      }
      for await (const message of messages) {
        if (!known.has(message.subject)) {
          acknowledge(bus, message)
          continue
        }
        held.add(message)
        waiting.push(message)
        // The messages that come while a batch is at work make the next batch.
        busy ??= Promise.resolve().then(drain)
      }
      await busy
    },
  })
  await subscription.start()
  return subscription
}

/** After so many at once more are on their way: they share the next transaction instead of having one each. */
const many = 4
const gatherMs = 20
const maxPauseMs = 1_000

type BatchHandler = {
  bus: Bus
  /** By subject, the fact whose rules the payload has to keep. */
  known: ReadonlyMap<string | undefined, Fact<any> | undefined>
  handle: BatchConsumerOptions['handle']
}

async function handleBatch(
  { bus, known, handle }: BatchHandler,
  messages: readonly JsMsg[],
  closing: AbortSignal,
) {
  const batch: Delivery[] = []
  for (const message of messages) {
    try {
      batch.push(deliveryOf(bus, known.get(message.subject), message))
    } catch (cause) {
      bus.log.error({ err: cause, subject: message.subject }, 'a fact cannot be read and is left out')
      message.term('unreadable')
    }
  }
  for (let attempt = 0; !closing.aborted; attempt++) {
    try {
      if (batch.length > 0) await handle(batch)
      for (const message of messages) acknowledge(bus, message)
      return
    } catch (cause) {
      bus.log.warn({ err: cause, size: batch.length }, 'a batch of facts failed and is tried again')
      // All that follows waits for this batch: what heals (a database that was away) must be found out soon.
      await waitFor(Math.min(maxPauseMs, backoffMs(attempt)), closing)
    }
  }
  // We leave: another replica gets them now, not when their time is over.
  for (const message of messages) message.nak()
}

/**
 * One filter that lets these through: a `*` where they differ. Servers before 2.10 take no second one; what it lets
 * through beyond these is left out here.
 */
function covering(subjects: readonly string[]): string {
  const [first = [], ...others] = subjects.map((subject) => subject.split('.'))
  const words = first.map((word, at) => (others.every((other) => other[at] === word) ? word : '*'))
  return others.every(({ length }) => length === words.length) ? words.join('.') : `${words[0]}.>`
}

/** How long the facts that a killed process held are kept from the others. */
const ackWaitMs = 6_000

/** Messages that are here and not answered yet: the server is told so, however long it takes. */
class Held implements Disposable {
  readonly #messages = new Set<JsMsg>()
  readonly #timer = setInterval(() => {
    for (const message of this.#messages) message.working()
  }, ackWaitMs / 3)

  add(message: JsMsg): void {
    this.#messages.add(message)
  }

  delete(message: JsMsg): void {
    this.#messages.delete(message)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

function consumerConfig(name: string, filter: string, maxPending: number) {
  return {
    durable_name: name,
    filter_subject: filter,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitMs),
    max_ack_pending: maxPending,
  }
}

function deliveryOf<T extends object>(bus: Bus, fact: Fact<T> | undefined, message: JsMsg): Delivery<T> {
  const plain = parseJson(message.string())
  return {
    id: message.headers?.get('Nats-Msg-Id') || String(message.seq),
    payload: fact ? decode(fact.payload, plain) : (plain as T),
    subject: message.subject.slice(bus.subject('').length),
    sequence: message.seq,
    deliveries: message.info.deliveryCount,
    get trace() {
      return readTrace(message.headers)
    },
  }
}

/** The error decides the verb: what a repeat can heal comes again, the rest is put aside with its reason. */
async function settle(bus: Bus, message: JsMsg, handle: () => Promise<void>): Promise<void> {
  try {
    await runWithTrace(readTrace(message.headers), handle)
    acknowledge(bus, message)
  } catch (cause) {
    const error = AppError.from(cause)
    const fields = { err: cause, subject: message.subject, deliveries: message.info.deliveryCount }
    if (error.retryable || error.code === 'internal') {
      bus.log.warn(fields, 'a fact could not be handled and comes again')
      message.nak(backoffMs(message.info.deliveryCount))
    } else {
      bus.log.error(fields, 'a fact was refused')
      message.term(error.reason ?? error.code)
    }
  }
}

export function backoffMs(attempt: number): number {
  return Math.min(30_000, 100 * 2 ** Math.min(attempt, 10)) * (0.75 + Math.random() / 2)
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}
