import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export type Cuttable = AsyncDisposable & {
  readonly url: string
  /** Ends all that is open, and lets nothing new through. */
  cut(): void
  mend(): void
}

/** A network between a page and its server that can be taken away. */
export async function startCuttable(target: string): Promise<Cuttable> {
  const { hostname: host, port } = new URL(target)
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((client) => {
    client.on('error', () => client.destroy())
    if (isCut) return client.destroy()
    const upstream = connect({ host, port: Number(port) })
    upstream.on('error', () => client.destroy())
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    }
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    client.pipe(upstream).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endAll = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true
      endAll()
    },
    mend() {
      isCut = false
    },
    async [Symbol.asyncDispose]() {
      endAll()
      await new Promise((closed) => server.close(closed))
    },
  }
}
