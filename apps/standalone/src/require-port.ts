import { AppError } from '@easel/protocol'
import { createServer } from 'node:net'

/** Says at once, and in one sentence, what a failing `listen` would say after the servers have started. */
export async function requirePort(host: string, port: number): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, resolve)
    })
  } catch (cause) {
    throw new AppError('conflict', explain((cause as NodeJS.ErrnoException).code, host, port), {
      reason: 'PORT_UNAVAILABLE',
      cause,
    })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

function explain(code: string | undefined, host: string, port: number): string {
  if (code === 'EADDRINUSE')
    return `port ${port} is in use by another program. Set EASEL_PORT to another one.`
  if (code === 'EACCES') return `port ${port} needs more rights. Set EASEL_PORT to one above 1023.`
  if (code === 'EADDRNOTAVAIL') return `this machine has no address ${host}. Set EASEL_HOST.`
  return `it cannot listen on ${host}:${port} (${code ?? 'unknown reason'}).`
}
