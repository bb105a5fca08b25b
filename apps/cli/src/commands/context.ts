import type { Command } from 'commander'
import type { Easel } from '@easel/client'
import type { ExitCode } from '../exit-codes.ts'
import { Output } from '../output/output.ts'
import type { CliConfig } from '../target/config.ts'
import type { Target, TargetOptions } from '../target/find-target.ts'

export type GlobalOptions = TargetOptions & { json?: boolean; quiet?: boolean; color?: boolean }

export type Terminal = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>

/** What a command has at hand. Nothing is read or opened before it is asked for. */
export class Context {
  readonly out: Output
  readonly config: CliConfig
  readonly terminal: Terminal
  readonly options: GlobalOptions
  #api: Promise<Easel> | undefined

  constructor(options: GlobalOptions, config: CliConfig, terminal: Terminal) {
    const { json = false, quiet = false, color = true } = options
    const { stdout, stderr } = terminal
    const colored = color && !config.noColor && stdout.isTTY && stderr.isTTY
    this.out = new Output({ stdout, stderr, json, quiet, color: colored })
    this.config = config
    this.terminal = terminal
    this.options = options
  }

  /** The server that the options, the environment or a saved login name. */
  api(): Promise<Easel> {
    return (this.#api ??= this.#open())
  }

  async target(): Promise<Target> {
    const { findTarget } = await import('../target/find-target.ts')
    return findTarget(this.options, this.config)
  }

  async #open(): Promise<Easel> {
    const [{ createEasel }, target] = await Promise.all([import('@easel/client'), this.target()])
    if (target.remark) this.out.note(target.remark)
    return createEasel({ url: target.url, apiKey: target.apiKey })
  }
}

/** Sets the exit code when it gives one; 0 otherwise. */
export type Action = (context: Context, ...given: never[]) => Promise<ExitCode | void>

export type Program = {
  readonly root: Command
  /** Makes an action of commander: context first, then the arguments, then the options. */
  act<A extends unknown[]>(
    action: (context: Context, ...given: A) => Promise<ExitCode | void>,
  ): (...given: [...A, Command]) => Promise<void>
}
