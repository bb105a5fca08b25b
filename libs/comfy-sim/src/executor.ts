import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { ExecutionOrder } from './execution-order.ts'
import type { Failures } from './failures.ts'
import type { History } from './history.ts'
import { isRawNumber, isRecord, pythonJson } from './json.ts'
import type { ModelMemory } from './model-memory.ts'
import { cacheKeys, isLink, NodeCache, type CachedResult } from './node-cache.ts'
import type { NodeContext, NodeResult } from './node.ts'
import type { NodeCatalog } from './node-catalog.ts'
import type { FailureRule, Settings } from './options.ts'
import type { OutputFolder } from './output-files.ts'
import type { PromptNode, PromptQueue, QueueItem } from './prompt-queue.ts'
import { RunMessages } from './run-messages.ts'
import type { Sockets } from './sockets.ts'
import { isBlocker, PythonError, type SimBlocker } from './values.ts'

/** Thrown through a node when the run was interrupted. */
class Interrupted extends Error {
  override name = 'Interrupted'
}

/** The server has gone down under the run: nothing more may be said or kept. */
class Gone extends Error {
  override name = 'Gone'
}

/** `simulatedMs` is what its nodes waited by their own wish. */
export type RunEnd = { status: 'success' | 'error'; loaded: readonly string[]; simulatedMs: number }

export type ExecutorParts = {
  settings: Settings
  catalog: NodeCatalog
  files: OutputFolder
  sockets: Sockets
  queue: PromptQueue
  history: History
  failures: Failures
  memory: ModelMemory
  crash(rule: FailureRule): void
  onStart(item: QueueItem): void
  onEnd(item: QueueItem, end: RunEnd): void
}

type Run = {
  item: QueueItem
  messages: RunMessages
  keys: ReadonlyMap<string, string>
  fingerprints: ReadonlyMap<string, string>
  order: ExecutionOrder
  executed: string[]
  loaded: string[]
  simulatedMs: number
  outputs: Record<string, unknown>
  meta: Record<string, unknown>
  metadata?: readonly (readonly [string, string])[]
  previews: boolean
}

const softwareMark = 'comfy-sim (simulator of ComfyUI)'

/** Takes prompts off the queue one after the other and runs their nodes. */
export class Executor {
  /** The client of the running prompt and its node, for sockets that reconnect in the middle. */
  current: { client: string | undefined; node: string } | undefined
  private readonly cache = new NodeCache()
  private readonly parts: ExecutorParts
  private interrupted = false
  private working = false
  private stopped = false
  private freeing = { models: false, cache: false }
  private count = 0

  constructor(parts: ExecutorParts) {
    this.parts = parts
  }

  /** Starts working unless at it. Errors that are no node's fault are bugs and stop the process. */
  wake(): void {
    if (this.working || this.stopped) return
    this.working = true
    void this.work()
  }

  interrupt(): void {
    this.interrupted = true
  }

  /** Takes effect between prompts, as in ComfyUI. */
  free(what: { models: boolean; cache: boolean }): void {
    this.freeing = { models: this.freeing.models || what.models, cache: this.freeing.cache || what.cache }
    if (!this.working) this.applyFree()
  }

  /** Removing the last pending prompt is told twice, as ComfyUI does. */
  deletePending(id: string): boolean {
    const { queue } = this.parts
    const last = queue.pending.length === 1
    const deleted = queue.delete(id)
    if (deleted) this.sendStatus()
    if (deleted && last) this.sendStatus()
    return deleted
  }

  stop(): void {
    this.stopped = true
  }

  sendStatus(): void {
    const { queue, sockets } = this.parts
    sockets.send(`{"type":"status","data":{"status":{"exec_info":{"queue_remaining":${queue.remaining}}}}}`)
  }

  private async work(): Promise<void> {
    // The answer to the request that woke us goes out first.
    await nextTurn()
    const { queue } = this.parts
    for (let item = queue.pop(); item && !this.stopped; item = queue.pop()) {
      queue.running.add(item)
      this.sendStatus()
      this.parts.onStart(item)
      await this.execute(item)
      if (this.stopped) return
      this.applyFree()
      await nextTurn()
    }
    this.working = false
  }

  private applyFree(): void {
    if (this.freeing.models) this.parts.memory.clear()
    if (this.freeing.cache) this.cache.clear()
    this.freeing = { models: false, cache: false }
  }

  private async execute(item: QueueItem): Promise<void> {
    const { catalog, files, sockets, history, queue, settings } = this.parts
    const messages = new RunMessages(item, sockets)
    this.interrupted = false
    this.count++
    messages.event('execution_start', {})
    const { keys, fingerprints } = cacheKeys(item.prompt, catalog, files)
    const cached = (id: string) => this.cache.get(keys.get(id)!) !== undefined
    messages.event('execution_cached', { nodes: Object.keys(item.prompt).filter(cached) })
    const order = new ExecutionOrder(item.prompt, item.outputs, {
      cached,
      output: (id) => catalog.find(item.prompt[id]!.class_type)!.info.output_node,
    })
    const method = item.extraData.preview_method
    const previews =
      (typeof method === 'string' && method !== 'default' ? method : settings.previewMethod) !== 'none'
    const run: Run = {
      item,
      messages,
      keys,
      fingerprints,
      order,
      executed: [],
      loaded: [],
      simulatedMs: 0,
      outputs: Object.create(null),
      meta: Object.create(null),
      previews,
    }
    let success = false
    try {
      for (let id = order.next(); id !== undefined; id = order.next()) {
        const done = this.step(run, id)
        if (done) await done
        if (this.stopped) return
      }
      success = true
      this.cache.keepOnly(keys.values())
      messages.event('execution_success', {})
    } catch (error) {
      if (this.stopped || error instanceof Gone) return
      this.current = undefined
      if (!(error instanceof NodeStop)) throw error
    }
    this.current = undefined
    queue.running.delete(item)
    const status = {
      status_str: success ? ('success' as const) : ('error' as const),
      completed: success,
      messages: messages.history,
    }
    history.add(item, { outputs: run.outputs, status, meta: run.meta })
    const { loaded, simulatedMs } = run
    this.parts.onEnd(item, { status: status.status_str, loaded, simulatedMs })
    this.sendStatus()
    messages.ended()
  }

  /** Runs one node; a promise only when the node needs time, so that small prompts stay in one turn. */
  private step(run: Run, id: string): void | Promise<void> {
    const { messages } = run
    const known = this.cache.get(run.keys.get(id)!)
    if (known) {
      messages.executed(id, known.result.ui ?? null)
      this.keepUi(run, id, known)
      messages.finished(id)
      return
    }
    this.current = { client: messages.client, node: id }
    messages.started(id)
    const classType = run.item.prompt[id]!.class_type
    const finish = (result: NodeResult) => {
      if (this.stopped) throw new Gone()
      const cached = { result, nodeId: id }
      this.cache.set(run.keys.get(id)!, cached)
      run.executed.push(id)
      if (result.ui) messages.executed(id, result.ui)
      this.keepUi(run, id, cached)
      messages.finished(id)
    }
    const fail = (error: unknown): never => this.fail(run, id, error)
    try {
      if (this.interrupted) throw new Interrupted()
      const first = run.executed.length === 0
      const failure = this.parts.failures.take({ prompt: this.count, classType, first })
      const hold = failure && this.strike(failure, messages.client)
      if (hold) return hold
      const inputs = this.inputsOf(run, id)
      const blocker = Object.values(inputs).find(isBlocker)
      if (blocker) return finish({ outputs: this.blockedOutputs(run, { id, blocker }) })
      const context = this.contextOf(run, id)
      const work = () => this.parts.catalog.find(classType)!.node.run(inputs, context)
      const { nodeMs } = this.parts.settings
      const extra = Object.hasOwn(nodeMs, classType) ? nodeMs[classType]! : 0
      const result = extra > 0 ? context.wait(extra).then(work) : work()
      if (result instanceof Promise) return result.then(finish).catch(fail)
      finish(result)
    } catch (error) {
      fail(error)
    }
  }

  /** Nothing behind a blocker runs; the first node it hits says why, if the blocker carries a message. */
  private blockedOutputs(run: Run, { id, blocker }: { id: string; blocker: SimBlocker }): SimBlocker[] {
    const classType = run.item.prompt[id]!.class_type
    if (blocker.message !== undefined) {
      run.messages.blocked({
        node_id: id,
        node_type: classType,
        executed: run.executed,
        message: blocker.message,
      })
    }
    const { output } = this.parts.catalog.find(classType)!.info
    return Array<SimBlocker>(Math.max(1, output.length)).fill({ kind: 'blocker' })
  }

  private strike(rule: FailureRule, client: string | undefined): Promise<void> | undefined {
    const { sockets } = this.parts
    if (rule.kind === 'oom') {
      throw new PythonError(
        'torch.OutOfMemoryError',
        rule.message ?? 'Allocation on device 0 would exceed allowed memory. (out of memory)\n',
      )
    }
    if (rule.kind === 'error') throw new PythonError('RuntimeError', rule.message ?? 'Simulated failure\n')
    if (rule.kind === 'hang') return new Promise(() => {})
    if (rule.kind === 'crash') {
      this.parts.crash(rule)
      throw new Gone()
    }
    if (client !== undefined && rule.kind === 'drop-socket') sockets.drop(client)
    if (client !== undefined && rule.kind === 'silent-socket') sockets.silence(client)
    return undefined
  }

  private inputsOf(run: Run, id: string): Record<string, unknown> {
    const { inputs, class_type: classType } = run.item.prompt[id]!
    const { catalog } = this.parts
    const values: Record<string, unknown> = {}
    for (const { name } of catalog.specsFor(catalog.find(classType)!, inputs)) {
      if (!Object.hasOwn(inputs, name)) continue
      const value = inputs[name]
      values[name] = isLink(value)
        ? this.cache.get(run.keys.get(value[0])!)?.result.outputs?.at(value[1])
        : value
    }
    return values
  }

  private contextOf(run: Run, id: string): NodeContext {
    const { settings, files, memory } = this.parts
    const scaled = async (ms: number) => {
      const time = ms * settings.timeScale
      run.simulatedMs += time
      if (time > 0) await sleep(time, undefined, { ref: false })
      if (this.stopped) throw new Gone()
    }
    return {
      settings,
      files,
      item: run.item,
      nodeId: id,
      previews: run.previews,
      metadata: () => (run.metadata ??= metadataOf(run)),
      text: (text) => run.messages.text(id, text),
      progress: (value, max, preview) => {
        if (this.stopped) throw new Gone()
        if (this.interrupted) throw new Interrupted()
        run.messages.progress({ id, value, max }, preview)
      },
      wait: scaled,
      loadModel: (folder, name) => {
        const { cold, ms } = memory.load(folder, name)
        if (cold) run.loaded.push(name)
        return scaled(ms)
      },
    }
  }

  private keepUi(run: Run, id: string, { result: { ui }, nodeId }: CachedResult): void {
    if (!ui) return
    run.outputs[id] = ui
    run.meta[id] = { node_id: nodeId, display_node: nodeId, parent_node: null, real_node_id: nodeId }
  }

  private fail(run: Run, id: string, error: unknown): never {
    if (error instanceof Gone || this.stopped) throw new Gone()
    const node = { node_id: id, node_type: run.item.prompt[id]!.class_type, executed: run.executed }
    if (error instanceof Interrupted) {
      run.messages.event('execution_interrupted', node, true)
      throw new NodeStop()
    }
    this.parts.settings.log(`simulator: node ${id} (${node.node_type}) failed: ${String(error)}`)
    run.messages.event('execution_error', {
      ...node,
      exception_message: error instanceof Error ? error.message : String(error),
      exception_type: error instanceof PythonError ? error.type : 'Exception',
      traceback: [`  File "comfy-sim", in ${node.node_type}\n`],
      current_inputs: shownInputs(this.inputsOf(run, id)),
      current_outputs: Object.keys(run.item.prompt).filter(
        (key) => this.cache.get(run.keys.get(key)!) !== undefined || key === id,
      ),
    })
    throw new NodeStop()
  }
}

/** The run is over because of a node, and the client has been told why. */
class NodeStop extends Error {
  override name = 'NodeStop'
}

function shownInputs(inputs: Readonly<Record<string, unknown>>): Record<string, unknown[]> {
  const show = (value: unknown) =>
    isRecord(value) && 'kind' in value
      ? `<simulated ${String(value.kind)}>`
      : isRawNumber(value)
        ? value
        : (value ?? null)
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, [show(value)]]))
}

const goodKey = /^[\x20-\x7e]{1,79}$/

/** ComfyUI's own chunks, and one that says where the file really comes from. */
function metadataOf({
  item: { prompt, extraData },
  fingerprints,
}: Run): readonly (readonly [string, string])[] {
  const extra = isRecord(extraData.extra_pnginfo) ? extraData.extra_pnginfo : {}
  const withSeen = ([id, node]: [string, PromptNode]) => {
    const seen = fingerprints.get(id)
    return [id, seen === undefined ? node : { ...node, is_changed: [seen] }] as const
  }
  const more = Object.keys(extra).filter((key) => goodKey.test(key))
  return [
    [
      'prompt',
      pythonJson(fingerprints.size > 0 ? Object.fromEntries(Object.entries(prompt).map(withSeen)) : prompt),
    ],
    ...more.map((key) => [key, pythonJson(extra[key])] as const),
    ['Software', softwareMark],
  ]
}
