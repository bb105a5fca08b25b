import type { FailureRule } from './options.ts'

/** Decides which failure strikes at a node; counts every rule down. */
export class Failures {
  private readonly rules: { rule: FailureRule; left: number }[] = []
  private readonly random: () => number

  constructor(rules: readonly FailureRule[], random: () => number) {
    this.random = random
    for (const rule of rules) this.add(rule)
  }

  add(rule: FailureRule): void {
    this.rules.push({ rule, left: rule.times ?? 1 })
  }

  /** `prompt` counts the prompts since the start; `first` says whether this is the prompt's first node. */
  take(at: { prompt: number; classType: string; first: boolean }): FailureRule | undefined {
    if (this.rules.length === 0) return undefined
    const index = this.rules.findIndex(
      ({ rule }) =>
        (rule.prompt === undefined || rule.prompt === at.prompt) &&
        (rule.classType === undefined ? at.first : rule.classType === at.classType) &&
        (rule.chance === undefined || this.random() < rule.chance),
    )
    const found = this.rules[index]
    if (!found) return undefined
    found.left--
    if (found.left <= 0) this.rules.splice(index, 1)
    return found.rule
  }
}
