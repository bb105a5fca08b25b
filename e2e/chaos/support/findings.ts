/** The invariants of docs/chaos.md. */
export const invariants = {
  I1: 'every accepted job ends exactly once',
  I2: 'one committed result at most, and all of it is there',
  I3: 'every blob is what its name says',
  I4: 'nothing is left over, and the ledger adds up',
  I5: 'every part is ready again without a human',
  I6: 'every answer, event and webhook is true',
} as const

export type Invariant = keyof typeof invariants

/** What was looked at, and what was found to be wrong. */
export class Findings {
  readonly violations: { invariant: Invariant; what: string }[] = []
  readonly looked = new Map<string, number>()

  violated(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, what })
  }

  /** For the report: how much the verdict stands on. */
  lookedAt(what: string, count: number): void {
    this.looked.set(what, (this.looked.get(what) ?? 0) + count)
  }

  text(): string {
    const looked = [...this.looked].map(([what, count]) => `  ${what}: ${count}`)
    const lines = this.violations.map(({ invariant, what }) => `  ${invariant} broken: ${what}`)
    return [...looked, ...(lines.length > 0 ? lines : ['  nothing is broken'])].join('\n')
  }
}
