import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type OddReceiver = AsyncDisposable & {
  readonly url: string
  readonly requests: number
  /** Bytes of answers that went out. */
  readonly sent: number
}

/** A receiver that answers in its own way, byte by byte if it likes. */
export async function oddReceiver(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<OddReceiver> {
  let requests = 0
  let closedBytes = 0
  const server = createServer((request, response) => {
    requests += 1
    request.resume()
    request.on('end', () => answer(response, request))
  })
  server.on('connection', (socket) => socket.on('close', () => (closedBytes += socket.bytesWritten)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    get requests() {
      return requests
    },
    get sent() {
      return closedBytes
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Announces so many bytes and sends them as fast as they are taken. */
export function sendForever(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-length': String(bytes) })
  const chunk = Buffer.alloc(65_536)
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', more)
  more()
}
