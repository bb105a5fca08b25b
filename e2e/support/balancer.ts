import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export type Balancer = AsyncDisposable & { readonly url: string }

/** As a TCP balancer stands before replicas: in turns, and past those that take no connection. */
export async function startBalancer(urls: readonly string[]): Promise<Balancer> {
  const ports = urls.map((url) => Number(new URL(url).port))
  const clients = new Set<Socket>()
  let turn = 0
  const server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client)
    client.on('close', () => clients.delete(client))
    client.on('error', () => client.destroy())
    const first = turn++
    void join(
      client,
      ports.map((_, index) => ports[(first + index) % ports.length]!),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}

async function join(client: Socket, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const isOpen = await once(upstream, 'connect').then(
      () => true,
      () => false,
    )
    if (!isOpen) continue
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    client.pipe(upstream).pipe(client)
    return
  }
  client.destroy()
}
