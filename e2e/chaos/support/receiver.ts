import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json } from '../../support/api.ts'
import type { Random } from './random.ts'

export type Delivery = { id: string; attempt: number; path: string; body: Json; text: string }

export type Receiver = AsyncDisposable & {
  readonly url: string
  /** Those that were answered with 200, in the order of their arrival. */
  readonly taken: readonly Delivery[]
  readonly refused: number
  /** From now on it takes all. */
  calm(): void
}

/** Somebody's server for webhooks: now and then it fails, hangs up, or takes it and dies before it says so. */
export async function startReceiver(random: Random): Promise<Receiver> {
  const taken: Delivery[] = []
  let refused = 0
  let calm = false
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const mood = calm ? 1 : random.next()
      if (mood < 0.05) {
        refused += 1
        response.statusCode = 500
        return void response.end()
      }
      if (mood < 0.08) {
        refused += 1
        return void request.socket.destroy()
      }
      const text = Buffer.concat(chunks).toString()
      const { headers, url = '' } = request
      taken.push({
        id: String(headers['webhook-id']),
        attempt: Number(headers['webhook-attempt'] ?? 0),
        path: url,
        body: JSON.parse(text) as Json,
        text,
      })
      if (mood < 0.1) return void request.socket.destroy()
      response.end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    get refused() {
      return refused
    },
    calm: () => (calm = true),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
