import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterHandling, insteadOfHandling } from './strike.ts'
import { conditional, json, type Answer, type Call } from './answer.ts'
import type { Fault, Faults, ServerName } from './faults.ts'

/** A request that came, in the order of coming. */
export type SeenRequest = {
  readonly server: ServerName
  readonly method: string
  readonly path: string
  /** As it came, in its order. */
  readonly query: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Of the answer; 0 when there was none. */
  status: number
}

export type StandInServer = AsyncDisposable & {
  readonly url: string
  /** Refuses connections until `goOnline`; the port stays its own. */
  goOffline(): Promise<void>
  goOnline(): Promise<void>
}

export type Serving = {
  readonly name: ServerName
  readonly port: number
  readonly handle: (call: Call) => Answer | Promise<Answer>
  readonly faults: Faults
  readonly seen: SeenRequest[]
}

export async function serve(serving: Serving): Promise<StandInServer> {
  let server = await listen(serving, serving.port)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    goOffline: () => close(server),
    goOnline: async () => void (server = await listen(serving, port)),
    [Symbol.asyncDispose]: () => close(server),
  }
}

async function listen(serving: Serving, port: number): Promise<Server> {
  const server = createServer((message, response) => {
    answer(serving, message, response).catch(() => message.socket.destroy())
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

async function answer(serving: Serving, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const call = await callOf(message)
  const { method, path } = call
  const seen = {
    server: serving.name,
    method,
    path,
    query: [...call.query],
    headers: call.headers,
    body: call.body.toString('utf8'),
    status: 0,
  }
  serving.seen.push(seen)
  const fault = serving.faults.take({
    server: serving.name,
    method,
    path,
    header: call.headers['x-stand-in-fault'],
  })
  if (fault?.kind === 'offline') return void message.socket.destroy()
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'slow') await delay(fault.delayMs ?? 1_000)
  const given = insteadOfHandling(fault, call, serving.name) ?? (await handled(serving, call, fault))
  const made = afterHandling(fault, given)
  seen.status = made.status
  await send({ message, response, method }, made, fault)
}

async function handled({ handle }: Serving, call: Call, fault: Fault | undefined): Promise<Answer> {
  try {
    // What happens to a body needs one.
    if (fault && fault.kind !== 'ignore-range') return await handle(call)
    if (!fault) return conditional(call, await handle(call))
    const { range: _range, ...headers } = call.headers
    return await handle({ ...call, headers })
  } catch (error) {
    return json(500, { error: error instanceof Error ? error.message : String(error) })
  }
}

async function callOf(message: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const url = new URL(message.url ?? '/', `http://${message.headers.host ?? '127.0.0.1'}`)
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
  )
  const body = Buffer.concat(chunks)
  return { method: message.method ?? 'GET', url, path: url.pathname, query: url.searchParams, headers, body }
}

type Exchange = { message: IncomingMessage; response: ServerResponse; method: string }

async function send(
  { message, response, method }: Exchange,
  { status, headers, body }: Answer,
  fault?: Fault,
) {
  const more = fault?.kind === 'wrong-length' ? (fault.more ?? 1_000) : 0
  const length = status === 304 ? {} : { 'content-length': String(body.length + more) }
  response.writeHead(status, { ...headers, ...length })
  if (method === 'HEAD' || status === 304) return void response.end()
  if (fault?.kind === 'cut')
    return cut(response, body.subarray(0, Math.floor(body.length * (fault.at ?? 0.4))))
  if (fault?.kind === 'drip') await drip(response, body, fault.bytesPerSecond ?? 10_000)
  else response.write(body)
  if (more > 0) return flushThenBreak(message.socket)
  response.end()
}

function cut(response: ServerResponse, part: Buffer): void {
  response.write(part, () => response.destroy())
}

function flushThenBreak(socket: Socket): void {
  socket.end()
}

async function drip(response: ServerResponse, body: Buffer, bytesPerSecond: number): Promise<void> {
  const step = Math.max(1, Math.floor(bytesPerSecond / 20))
  for (let at = 0; at < body.length && !response.destroyed; at += step) {
    response.write(body.subarray(at, at + step))
    await delay(50)
  }
}
