import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  newPassword,
  startNats,
  startPostgres,
  startRedis,
  type Server,
  type ServerName,
} from '@easel/embedded'

export type BrokerOptions = {
  /** Servers that exist already. */
  urls: Partial<Record<ServerName, string | undefined>>
  mayInstall: boolean
}

export type Broker = AsyncDisposable & { readonly url: string }

/**
 * Lives in the main process of a test run and starts each server when a test file first asks for it,
 * so that a run of unit tests pays for none. The files run in other processes and ask over HTTP.
 */
export async function startBroker({ urls, mayInstall }: BrokerOptions): Promise<Broker> {
  const started = new Map<ServerName, Promise<Server>>()
  let home: Promise<string> | undefined

  const start = async (name: ServerName): Promise<Server> => {
    home ??= makeHome()
    const directory = join(await home, name)
    const options = { password: newPassword(), mayInstall }
    if (name === 'postgres') return startPostgres({ ...options, dataDirectory: directory, unsafe: true })
    if (name === 'nats') return startNats({ ...options, storeDirectory: directory })
    return startRedis({ ...options, dataDirectory: directory, appendOnly: false })
  }
  const urlOf = async (name: ServerName): Promise<string> => {
    const given = urls[name]
    if (given) return given
    const server = started.get(name) ?? start(name)
    started.set(name, server)
    return (await server).url
  }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const name = request.url?.slice(1)
    if (!isServerName(name)) {
      response.writeHead(404).end()
      return
    }
    urlOf(name).then(
      (url) => response.end(url),
      (cause: unknown) => response.writeHead(500).end(String(cause)),
    )
  }

  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      const outcomes = await Promise.allSettled(started.values())
      const running = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
      await Promise.all(running.map((each) => each[Symbol.asyncDispose]()))
      if (home) await rm(await home, { recursive: true, force: true })
    },
  }
}

async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'easel-test-'))
  // As root, Postgres runs as another user, who must be able to enter it. Passwords in it are files of mode 0600.
  await chmod(home, 0o755)
  return home
}

function isServerName(name: string | undefined): name is ServerName {
  return name === 'postgres' || name === 'nats' || name === 'redis'
}
