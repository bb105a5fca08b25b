import { connectBus, ContractServer, ensureStreams } from '@easel/bus'
import { defineFact, defineService, query, rpc } from '@easel/protocol'
import { testNats } from '@easel/testing'
import { Type } from 'class-transformer'
import { IsInt, IsObject, IsOptional, IsString, Length, Max, ValidateNested } from 'class-validator'
import 'reflect-metadata'
import type { Bus } from '@easel/bus'
import type { Handlers } from '@easel/protocol'

export class Size {
  @IsInt()
  @Max(100)
  width!: number
}

export class Paint {
  static readonly json = ['graph'] as const

  @IsString()
  @Length(1, 20)
  title!: string

  @IsOptional()
  @ValidateNested()
  @Type(() => Size)
  size?: Size

  @IsOptional()
  @IsObject()
  graph?: Record<string, unknown>
}

export class Painting {
  static readonly json = ['graph'] as const

  @IsString()
  title!: string

  @IsOptional()
  @IsObject()
  graph?: Record<string, unknown>

  @IsOptional()
  @IsString()
  by?: string
}

export const studio = defineService('studio', 1, {
  paint: rpc(Paint, Painting, ['NO_PAINT']),
  look: query(Paint, Painting),
})

export const painted = defineFact('studio.painted', 1, Painting)

export const silent = { info() {}, warn() {}, error() {} }

export type TestBus = AsyncDisposable & { bus: Bus; connect(): Promise<Bus>; url: string; prefix: string }

export async function startBus(): Promise<TestBus> {
  const nats = await testNats()
  const open: Bus[] = []
  const connect = async () => {
    const bus = await connectBus({ url: nats.url, prefix: nats.prefix, name: 'test', log: silent })
    open.push(bus)
    return bus
  }
  const bus = await connect()
  await ensureStreams(bus)
  return {
    bus,
    connect,
    url: nats.url,
    prefix: nats.prefix,
    async [Symbol.asyncDispose]() {
      for (const opened of open) await opened[Symbol.asyncDispose]()
      await nats[Symbol.asyncDispose]()
    },
  }
}

export async function serveStudio(
  bus: Bus,
  handlers: Partial<Handlers<typeof studio>>,
): Promise<ContractServer> {
  const server = new ContractServer(bus, { validateOutputs: true, graceMs: 2_000 })
  const refuse = () => Promise.reject(new Error('not used in this test'))
  server.serve(studio, { paint: refuse, look: refuse, ...handlers })
  await new Promise<void>((resolve, reject) => {
    void server.listen((error?: unknown) => (error ? reject(error as Error) : resolve()))
  })
  await bus.connection.flush()
  return server
}
