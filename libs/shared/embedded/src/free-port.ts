import { createServer, type AddressInfo } from 'node:net'

/**
 * A port of 127.0.0.1 that was free a moment ago. For servers that cannot choose one by themselves;
 * another process may take it in between, so whoever uses it must be ready to ask again.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

const ATTEMPTS = 4

/** Runs `start` on the given port, or on a free one, again on another when that was taken meanwhile. */
export async function onFreePort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  if (port !== 0) return start(port)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort())
    } catch (cause) {
      if (attempt === ATTEMPTS || !/address already in use/i.test(String(cause))) throw cause
    }
  }
}
