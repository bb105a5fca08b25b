import type { OutputFolder } from './output-files.ts'
import type { QueueItem } from './prompt-queue.ts'
import type { Settings } from './options.ts'
import type { Inputs } from './values.ts'

export type Preview = { format: 'image/jpeg' | 'image/png'; bytes: Buffer }

/** What a running node sees of the server. */
export type NodeContext = {
  readonly settings: Settings
  readonly files: OutputFolder
  readonly item: QueueItem
  readonly nodeId: string
  /** Whether sampler previews are wanted for this prompt. */
  readonly previews: boolean
  /** The `tEXt` chunks of every picture this prompt saves. */
  metadata(): readonly (readonly [string, string])[]
  /** Reports progress and is the place where an interrupt takes effect. */
  progress(value: number, max: number, preview?: Preview): void
  /** Shows a line of text at the node. */
  text(text: string): void
  /** Simulated time, scaled by `timeScale`. */
  wait(ms: number): Promise<void>
  /** Waits as long as reading this model takes, unless it is still in memory. */
  loadModel(folder: string, name: string): Promise<void>
}

/** `ui` is what clients see of an output node; `outputs` go along the links. */
export type NodeResult = { outputs?: readonly unknown[]; ui?: Readonly<Record<string, unknown>> }

export type FileContext = Pick<NodeContext, 'files'>

export type SimNode = {
  run(inputs: Inputs, context: NodeContext): NodeResult | Promise<NodeResult>
  /** Differs when the node must run again although its inputs are the same. */
  fingerprint?(inputs: Inputs, context: FileContext): string
  /** Checks literal inputs beyond their declared type; a text is the complaint. */
  validate?: {
    readonly names: readonly string[]
    check(inputs: Inputs, context: FileContext): string | undefined
  }
}

export type NodeTable = Readonly<Record<string, SimNode>>
