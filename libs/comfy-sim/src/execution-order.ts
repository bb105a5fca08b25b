import { isLink } from './node-cache.ts'
import type { PromptGraph } from './prompt-queue.ts'

/**
 * Which node runs next. Nodes enter the plan from the outputs backwards (the last input first) and run once nothing
 * they need is left; among those that can run, an output goes first, then a node an output waits for, then one two
 * steps before an output, then the earliest in the plan. Cached nodes never enter, except outputs.
 */
export class ExecutionOrder {
  private readonly waitingFor = new Map<string, number>()
  private readonly unblocks = new Map<string, string[]>()
  private readonly isOutput: (id: string) => boolean

  constructor(
    prompt: PromptGraph,
    outputs: readonly string[],
    is: { cached(id: string): boolean; output(id: string): boolean },
  ) {
    this.isOutput = is.output
    for (const output of outputs) this.plan(prompt, output, is.cached)
  }

  get ids(): Iterable<string> {
    return this.waitingFor.keys()
  }

  /** Takes the next node out of the plan; undefined when all have run. */
  next(): string | undefined {
    const ready: string[] = []
    for (const [id, count] of this.waitingFor) if (count === 0) ready.push(id)
    const picked =
      ready.length === 1
        ? ready[0]
        : (ready.find((id) => this.isOutput(id)) ??
          ready.find((id) => this.after(id).some((next) => this.isOutput(next))) ??
          ready.find((id) =>
            this.after(id).some((next) => this.after(next).some((last) => this.isOutput(last))),
          ) ??
          ready[0])
    if (picked === undefined) return undefined
    this.waitingFor.delete(picked)
    for (const id of this.after(picked)) this.waitingFor.set(id, this.waitingFor.get(id)! - 1)
    return picked
  }

  private after(id: string): readonly string[] {
    return this.unblocks.get(id) ?? []
  }

  private plan(prompt: PromptGraph, output: string, cached: (id: string) => boolean): void {
    const stack = [output]
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      if (this.waitingFor.has(id)) continue
      let blockers = 0
      for (const value of Object.values(prompt[id]!.inputs)) {
        if (!isLink(value) || !Object.hasOwn(prompt, value[0]) || cached(value[0])) continue
        const waiting = this.unblocks.get(value[0])
        if (waiting?.includes(id)) continue
        if (waiting) waiting.push(id)
        else this.unblocks.set(value[0], [id])
        blockers++
        stack.push(value[0])
      }
      this.waitingFor.set(id, blockers)
    }
  }
}
