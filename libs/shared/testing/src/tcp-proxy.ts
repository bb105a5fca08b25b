import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What the proxy does to connections, present and future. Empty means: nothing. */
export type Faults = {
  /** Each chunk arrives this much later. */
  delayMs?: number
  /** Nothing arrives any more in that direction, and no connection closes: a cable that was pulled. */
  blackhole?: 'toTarget' | 'toClient' | 'both'
  /** New connections are reset as soon as they are made. */
  refuse?: boolean
  /** A connection is reset when the target has sent this many bytes over it. */
  cutAfterBytes?: number
}

export type TcpProxy = AsyncDisposable & {
  readonly port: number
  readonly host: string
  /** Replaces the faults in force. */
  set(faults: Faults): void
  /** Resets every connection there is. */
  reset(): void
  /** Connections that were made so far. */
  readonly connections: number
}

type Target = { host?: string; port: number }
type Direction = 'toTarget' | 'toClient'

/** A TCP proxy on 127.0.0.1 with faults on demand. `target` is a URL or a host and port. */
export async function tcpProxy({ target }: { target: string | Target }): Promise<TcpProxy> {
  const { host, port } = typeof target === 'string' ? targetOf(target) : { host: '127.0.0.1', ...target }
  const sockets = new Set<Socket>()
  let faults: Faults = {}
  let connections = 0

  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A reset is what this proxy is for; the other side hears of it by the close.
    socket.on('error', () => socket.destroy())
  }
  const pipe = async (from: Socket, to: Socket, direction: Direction): Promise<void> => {
    let passed = 0
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (faults.delayMs) await delay(faults.delayMs)
      if (faults.blackhole === 'both' || faults.blackhole === direction) continue
      const room = direction === 'toClient' ? (faults.cutAfterBytes ?? Infinity) - passed : Infinity
      passed += chunk.length
      if (chunk.length >= room) {
        to.write(chunk.subarray(0, Math.max(room, 0)), () => {
          to.resetAndDestroy()
          from.resetAndDestroy()
        })
        return
      }
      if (!to.write(chunk)) await drained(to)
    }
    if (!faults.blackhole) to.end()
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    connections += 1
    track(client)
    if (faults.refuse) {
      client.resetAndDestroy()
      return
    }
    const upstream = connect({ host, port, allowHalfOpen: true })
    track(upstream)
    for (const [from, to, direction] of [
      [client, upstream, 'toTarget'],
      [upstream, client, 'toClient'],
    ] as const) {
      pipe(from, to, direction).catch(() => to.resetAndDestroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    set(next) {
      faults = next
    },
    reset,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      reset()
      await closed
    },
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve)
    socket.once('close', resolve)
  })
}

const PORTS: Record<string, number> = {
  'http:': 80,
  'https:': 443,
  'postgresql:': 5432,
  'nats:': 4222,
  'redis:': 6379,
}

function targetOf(text: string): Required<Target> {
  const url = new URL(text)
  return { host: url.hostname, port: Number(url.port) || (PORTS[url.protocol] ?? 80) }
}

/** The same URL with the proxy's address instead of its own. */
export function throughProxy(url: string, { host, port }: Pick<TcpProxy, 'host' | 'port'>): string {
  const through = new URL(url)
  through.hostname = host
  through.port = String(port)
  return through.href
}
