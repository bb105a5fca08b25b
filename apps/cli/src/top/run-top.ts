import { AppError, newId } from '@easel/protocol'
import type { BundleStatus, DownloadView, Easel } from '@easel/client'
import type { Context } from '../commands/context.ts'
import { wishOf } from '../downloads/wish-of.ts'
import { exitCodes, usageError, type ExitCode } from '../exit-codes.ts'
import { draw } from './draw.ts'
import { reduce, type Action, type Effect } from './reduce.ts'
import { rowsOf, type BundleFile } from './rows.ts'
import { Screen } from './screen.ts'
import { initialState, isUnderWay } from './state.ts'

/** Events may be lost; then this is how old the list is at most. */
const lookMs = 5_000
const frameMs = 100
const atOnce = 4

export async function runTop(context: Context): Promise<ExitCode> {
  const { stdin, stdout } = context.terminal
  if (!stdin.isTTY || !stdout.isTTY)
    throw usageError('easel dl top needs a terminal: in a pipe take easel dl list')
  // Before the screen: who is not signed in is told so in plain words.
  const api = await context.api()
  const downloads = await listDownloads(api)
  const top = new Top(context, api)
  return top.run(downloads)
}

/** The screen, the server, and between them the state. */
class Top {
  readonly #context: Context
  readonly #api: Easel
  readonly #end = Promise.withResolvers<ExitCode>()
  readonly #stop = new AbortController()
  #state = initialState
  #screen: Screen | undefined
  #frame: NodeJS.Timeout | undefined
  #refreshing: Promise<void> | undefined

  constructor(context: Context, api: Easel) {
    this.#context = context
    this.#api = api
  }

  async run(downloads: readonly DownloadView[]): Promise<ExitCode> {
    const onKey = (name: string, text: string) => this.#dispatch({ type: 'key', name, text })
    const onSignal = () => this.#end.resolve(exitCodes.canceled)
    using screen = new Screen(this.#context.terminal, { onKey, onResize: () => this.#redraw() })
    this.#screen = screen
    for (const signal of signals) process.on(signal, onSignal)
    const timer = setInterval(() => void this.#look(), lookMs)
    try {
      this.#dispatch({ type: 'downloads', downloads })
      void this.#refresh()
      // Without events it is looked for every few seconds.
      void this.#try(() => this.#listen())
      return await this.#end.promise
    } finally {
      clearInterval(timer)
      clearTimeout(this.#frame)
      this.#stop.abort()
      for (const signal of signals) process.off(signal, onSignal)
    }
  }

  #dispatch(action: Action): void {
    const { state, effects } = reduce(this.#state, action)
    this.#state = state
    this.#redraw()
    for (const effect of effects) void this.#perform(effect)
  }

  /** A few times a second at most, however many events come. */
  #redraw(): void {
    this.#frame ??= setTimeout(() => {
      this.#frame = undefined
      const { size } = this.#screen ?? {}
      if (size) this.#screen?.show(draw(this.#state, size))
    }, frameMs)
  }

  async #perform(effect: Effect): Promise<void> {
    if (effect.type === 'quit') return this.#end.resolve(exitCodes.ok)
    if (effect.type === 'refresh') return this.#refresh()
    await this.#try(() => (effect.type === 'fetch' ? this.#fetch(effect.files) : this.#act(effect)))
  }

  async #fetch(files: readonly BundleFile[]): Promise<void> {
    for (const file of files) {
      const download = await this.#api.downloads.create(wishOf(file), { idempotencyKey: newId() })
      this.#dispatch({ type: 'download', download, startedHere: true })
      this.#say(`Asked for ${file.filename}`)
    }
    await this.#refresh()
  }

  async #act({ type, ids }: Extract<Effect, { ids: readonly string[] }>): Promise<void> {
    for (const id of ids) {
      if (type === 'cancel') {
        await this.#api.downloads.cancel(id)
        this.#dispatch({ type: 'gone', id })
      } else {
        const download = await this.#api.downloads[steps[type]](id)
        this.#dispatch({ type: 'download', download })
      }
    }
    this.#say({ stop: 'Stopped: s starts it again', cancel: 'Canceled', resume: '', retry: '' }[type])
  }

  /** One at a time; who asks meanwhile waits for the same. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#try(async () => {
      const [statuses, downloads] = await Promise.all([listStatuses(this.#api), listDownloads(this.#api)])
      this.#dispatch({ type: 'downloads', downloads })
      this.#dispatch({ type: 'rows', rows: rowsOf(statuses) })
      this.#say('')
    }).finally(() => (this.#refreshing = undefined))
    return this.#refreshing
  }

  async #look(): Promise<void> {
    if (!this.#state.downloads.some(isUnderWay)) return
    await this.#try(async () => {
      this.#dispatch({ type: 'downloads', downloads: await listDownloads(this.#api) })
    })
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stop
    for await (const { type, data } of this.#api.events.listen({ signal })) {
      if (!type.startsWith('download.')) continue
      this.#dispatch({ type: 'download', download: data as DownloadView })
      if (type === 'download.completed') void this.#refresh()
    }
  }

  /** What the server refuses is told in the screen; what is wrong with us ends it. */
  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      const { EaselError } = await import('@easel/client')
      if (cause instanceof EaselError || cause instanceof AppError) this.#say(cause.message)
      else this.#end.reject(cause as Error)
    }
  }

  #say(message: string): void {
    this.#dispatch({ type: 'said', message })
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const steps = { stop: 'pause', resume: 'resume', retry: 'retry' } as const

async function listDownloads(api: Easel): Promise<DownloadView[]> {
  return (await api.downloads.list({ limit: 200 })).items
}

async function listStatuses(api: Easel): Promise<BundleStatus[]> {
  const { eachItem } = await import('@easel/client')
  const ids: string[] = []
  for await (const { id } of eachItem((cursor) => api.bundles.list({ limit: 200, cursor }))) ids.push(id)
  const statuses: BundleStatus[] = []
  for (let at = 0; at < ids.length; at += atOnce) {
    const some = ids.slice(at, at + atOnce)
    statuses.push(...(await Promise.all(some.map((id) => api.bundles.status(id)))))
  }
  return statuses
}
