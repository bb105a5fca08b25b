import { rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { Executor } from './executor.ts'
import { Failures } from './failures.ts'
import { fileRoutes } from './file.routes.ts'
import { History } from './history.ts'
import { HttpServer } from './http-server.ts'
import { infoRoutes } from './info.routes.ts'
import { ModelMemory } from './model-memory.ts'
import { jobRoutes } from './jobs.routes.ts'
import { NodeCatalog } from './node-catalog.ts'
import { packsFor } from './node-packs.ts'
import { resolveSettings, type ComfySimOptions, type FailureRule, type Settings } from './options.ts'
import { OutputFolder } from './output-files.ts'
import { promptRoutes } from './prompt.routes.ts'
import { PromptQueue, type QueueItem } from './prompt-queue.ts'
import { Sockets } from './sockets.ts'
import { uploadRoutes } from './upload.routes.ts'

/** One prompt as the simulator saw it. Times are `performance.now()` of this process, in milliseconds. */
export type SeenPrompt = {
  id: string
  clientId: string | undefined
  arrivedAt: number
  startedAt?: number
  endedAt?: number
  status?: 'success' | 'error'
  /** File names of the models that were read into memory for it, in order; none when all it used were there. */
  loaded: readonly string[]
  /** How long its nodes asked to wait: what the run would have taken on a machine without end. */
  simulatedMs: number
}

export type ComfySimStats = { readonly prompts: readonly SeenPrompt[]; readonly restarts: number }

/** A running simulator. */
export type ComfySim = AsyncDisposable & {
  readonly url: string
  readonly port: number
  readonly baseDirectory: string
  readonly stats: ComfySimStats
  /** Adds a failure for what comes next. */
  inject(failure: FailureRule): void
  /** Drops every connection at once and forgets queue and history, as a killed process does. */
  crash(): Promise<void>
  /** Comes back on the same port with an empty queue; ends a running server first. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Seen prompts kept for benches; older ones are dropped. */
const maxSeen = 200_000

type Instance = { http: HttpServer; executor: Executor; sockets: Sockets; port: number }

class Simulator implements ComfySim {
  private readonly settings: Settings
  private readonly failures: Failures
  private readonly seen: SeenPrompt[] = []
  private readonly open = new Map<QueueItem, SeenPrompt>()
  private instance: Instance | undefined
  private restarts = 0
  private closed = false
  private knownPort: number

  constructor(settings: Settings) {
    this.settings = settings
    this.failures = new Failures(settings.failures, settings.random)
    this.knownPort = settings.port
  }

  get url(): string {
    return `http://${this.settings.host.includes(':') ? `[${this.settings.host}]` : this.settings.host}:${this.knownPort}`
  }

  get port(): number {
    return this.knownPort
  }

  get baseDirectory(): string {
    return this.settings.baseDirectory
  }

  get stats(): ComfySimStats {
    return { prompts: this.seen, restarts: this.restarts }
  }

  inject(failure: FailureRule): void {
    this.failures.add(failure)
  }

  async start(): Promise<void> {
    const { settings, failures } = this
    const files = new OutputFolder(settings.baseDirectory)
    const catalog = new NodeCatalog(settings, files, await packsFor(settings))
    const memory = new ModelMemory(settings)
    const [queue, history, sockets] = [new PromptQueue(), new History(), new Sockets()]
    const executor = new Executor({
      settings,
      catalog,
      files,
      sockets,
      queue,
      history,
      failures,
      memory,
      crash: (rule) => void this.crashAndReturn(rule),
      onStart: (item) => this.note(item, { startedAt: performance.now() }),
      onEnd: (item, end) => {
        this.note(item, { endedAt: performance.now(), ...end })
        this.open.delete(item)
      },
    })
    const routes = [
      ...promptRoutes({ catalog, files, queue, history, executor, onArrival: (item) => this.arrived(item) }),
      ...infoRoutes({ settings, catalog, memory }),
      ...jobRoutes({ queue, history, executor }),
      ...fileRoutes(files),
      ...uploadRoutes(files),
    ]
    const http = new HttpServer(routes, settings.log)
    acceptSockets({ http, sockets, executor, queue })
    const port = await listen(http, { host: settings.host, port: this.knownPort })
    this.knownPort = port
    this.instance = { http, executor, sockets, port }
    settings.log(
      `simulator: comfy-sim listens on ${this.url}; this is a simulator of ComfyUI 0.33.0, no model runs here`,
    )
  }

  async crash(): Promise<void> {
    const { instance } = this
    if (!instance) return
    this.instance = undefined
    this.open.clear()
    instance.executor.stop()
    instance.sockets.dropAll()
    const closed = new Promise<void>((done) => instance.http.server.close(() => done()))
    instance.http.server.closeAllConnections()
    await closed
    this.settings.log('simulator: down')
  }

  async restart(): Promise<void> {
    await this.crash()
    await this.start()
    this.restarts++
  }

  async close(): Promise<void> {
    this.closed = true
    await this.crash()
    if (this.settings.temporary) await rm(this.settings.baseDirectory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async crashAndReturn(rule: FailureRule): Promise<void> {
    await this.crash()
    const { restartAfterMs } = rule
    if (restartAfterMs === undefined) return
    await sleep(restartAfterMs, undefined, { ref: false })
    if (!this.closed) await this.restart()
  }

  private arrived(item: QueueItem): void {
    const { client_id: client } = item.extraData
    const seen: SeenPrompt = {
      id: item.id,
      clientId: typeof client === 'string' ? client : undefined,
      arrivedAt: item.arrivedAt,
      loaded: [],
      simulatedMs: 0,
    }
    if (this.seen.length >= maxSeen) this.seen.splice(0, maxSeen / 2)
    this.seen.push(seen)
    this.open.set(item, seen)
  }

  private note(item: QueueItem, what: Partial<SeenPrompt>): void {
    Object.assign(this.open.get(item) ?? {}, what)
  }
}

function acceptSockets(parts: {
  http: HttpServer
  sockets: Sockets
  executor: Executor
  queue: PromptQueue
}): void {
  const { http, sockets, executor, queue } = parts
  const upgrader = new WebSocketServer({
    noServer: true,
    maxPayload: 100 * 1024 * 1024,
    perMessageDeflate: false,
  })
  http.server.on('upgrade', (request, stream, head) => {
    // A peer that goes away while it is refused is no error of ours.
    stream.on('error', () => stream.destroy())
    const [path, query] = (request.url ?? '/').split('?')
    if (HttpServer.isForeign(request)) return HttpServer.refuseUpgrade(stream, '403 Forbidden')
    if (path !== '/ws' && path !== '/api/ws') return HttpServer.refuseUpgrade(stream, '404 Not Found')
    upgrader.handleUpgrade(request, stream, head, (socket) => {
      const client = new URLSearchParams(query).get('clientId') ?? ''
      const sid = sockets.accept(socket, stream, client)
      sockets.send(
        JSON.stringify({
          type: 'status',
          data: { status: { exec_info: { queue_remaining: queue.remaining } }, sid },
        }),
        sid,
      )
      const { current } = executor
      // Told once, and without the prompt's id: that is all a client learns when it comes back during a run.
      if (client && current?.client === client)
        sockets.send(JSON.stringify({ type: 'executing', data: { node: current.node } }), sid)
    })
  })
}

function listen({ server }: HttpServer, at: { host: string; port: number }): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(at.port, at.host, () => {
      server.off('error', fail)
      done((server.address() as AddressInfo).port)
    })
  })
}

/** Starts a simulator; it is ready for requests when the promise resolves. */
export async function startComfySim(options: ComfySimOptions = {}): Promise<ComfySim> {
  const simulator = new Simulator(await resolveSettings(options))
  await simulator.start()
  return simulator
}
