import { subjectOf } from '@easel/protocol'
import { runWithTrace } from '@easel/observability'
import { ServerNats } from '@nestjs/microservices'
import { throwError } from 'rxjs'
import { readContext, readTrace } from './call-headers.ts'
import { instanceSubject } from './client.ts'
import { codec } from './codec.ts'
import { decode } from './decode.ts'
import { fromTransport } from './transport-error.ts'
import type { AppError, CallContext, Handlers, Rpc, Service } from '@easel/protocol'
import type { Msg, MsgHdrs } from '@nats-io/transport-node'
import type { CustomTransportStrategy, NatsContext } from '@nestjs/microservices'
import type { Bus } from './connect.ts'

export type ServerOptions = {
  /** Outputs are checked too: on in tests and development. */
  validateOutputs?: boolean
  /** How long `close` waits for answers under way. */
  graceMs?: number
}

/**
 * Nest's NATS server, serving contracts over the connection that the process already has. Use it as the
 * `strategy` of `NestFactory.createMicroservice`, and `serve` each contract before `listen`.
 */
export class ContractServer extends ServerNats implements CustomTransportStrategy {
  private readonly bus: Bus
  private readonly settings: Required<ServerOptions>
  private readonly underWay = new Set<Promise<unknown>>()
  private readonly opened: { unsubscribe(): void }[] = []

  constructor(bus: Bus, options: ServerOptions = {}) {
    super({ ...codec } as ConstructorParameters<typeof ServerNats>[0])
    this.bus = bus
    this.settings = { validateOutputs: false, graceMs: 10_000, ...options }
  }

  /** @param instance answers calls to this replica only; without it, replicas share the calls. */
  serve<S extends Service>(service: S, handlers: Handlers<S>, instance?: string): void {
    for (const [method, rpc] of Object.entries(service.rpcs)) {
      const handle = (handlers as Record<string, Handle>)[method]!.bind(handlers)
      const subject = this.bus.subject(instanceSubject(subjectOf(service, method), instance))
      const queue = instance === undefined ? service.name : undefined
      this.addHandler(
        subject,
        (data, context: NatsContext) => this.answer({ subject, rpc, handle, data }, context),
        false,
        {
          queue,
        },
      )
    }
  }

  override createNatsClient() {
    return Promise.resolve(this.bus.connection)
  }

  /** As Nest's, but answers of one turn go out together. */
  override getPublisher(message: Msg, id: string) {
    return (response: object) => {
      const { data } = codec.serializer.serialize({ ...response, id } as never)
      this.bus.outgoing.add(() => {
        try {
          message.respond(data)
        } catch (cause) {
          this.bus.log.warn({ err: cause }, 'an answer was not sent')
        }
      })
    }
  }

  override handleStatusUpdates() {
    return Promise.resolve()
  }

  override bindEvents(): void {
    for (const [subject, handler] of this.messageHandlers) {
      const callback = this.getMessageHandler(subject) as (error: Error | null, message: unknown) => void
      const queue = (handler.extras as { queue?: string }).queue
      this.opened.push(this.bus.connection.subscribe(subject, { ...(queue && { queue }), callback }))
    }
  }

  /** Stops taking calls and lets those under way end; the connection stays open, it is not ours. */
  override async close(): Promise<void> {
    for (const subscription of this.opened.splice(0)) subscription.unsubscribe()
    const grace = AbortSignal.timeout(this.settings.graceMs)
    const expired = new Promise((resolve) => grace.addEventListener('abort', resolve, { once: true }))
    await Promise.race([Promise.allSettled(this.underWay), expired])
  }

  private async answer(call: IncomingCall, context: NatsContext) {
    const received = context.getHeaders() as MsgHdrs | undefined
    const work = runWithTrace(readTrace(received), () => this.handleCall(call, readContext(received)))
    this.underWay.add(work)
    try {
      return await work
    } catch (cause) {
      const error = fromTransport(cause)
      if (error.code === 'internal')
        this.bus.log.error({ err: error.extra.cause, subject: call.subject }, 'a call failed')
      return throwError(() => error.toWire())
    } finally {
      this.underWay.delete(work)
    }
  }

  private async handleCall({ rpc, handle, data }: IncomingCall, context: CallContext): Promise<object> {
    const output = await handle(decode(rpc.input, data), context)
    if (this.settings.validateOutputs) checkOutput(rpc, output)
    return output
  }
}

type Handle = (input: object, context: CallContext) => Promise<object>
type IncomingCall = { subject: string; rpc: Rpc; handle: Handle; data: unknown }

function checkOutput(rpc: Rpc, output: object): void {
  try {
    decode(
      rpc.output,
      JSON.parse(
        JSON.stringify(output, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
      ),
    )
  } catch (cause) {
    throw new Error(`The answer breaks the contract: ${JSON.stringify((cause as AppError).extra.faults)}`, {
      cause,
    })
  }
}
