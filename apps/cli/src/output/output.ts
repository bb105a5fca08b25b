import { stringifyJson } from '@easel/protocol'
import { openProgress, type ProgressView } from './progress.ts'
import { safeJson, safeText } from './safe-text.ts'
import type { Stream } from './stream.ts'
import { formatFacts, formatTable, type Column } from './table.ts'

export type OutputOptions = {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly json: boolean
  readonly quiet: boolean
  readonly color: boolean
}

/** Where a command says things: results on stdout, everything else on stderr. */
export class Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly #stdout: Stream
  readonly #stderr: Stream
  readonly #color: boolean

  constructor({ stdout, stderr, json, quiet, color }: OutputOptions) {
    this.#stdout = stdout
    this.#stderr = stderr
    this.json = json
    this.quiet = quiet
    this.#color = color
  }

  /** A line of the result. It may hold text from elsewhere: it is made safe here. */
  print(line = ''): void {
    this.#stdout.write(`${safeText(line)}\n`)
  }

  printLines(lines: readonly string[]): void {
    for (const line of lines) this.print(line)
  }

  /** The one JSON document that a command with `--json` writes. */
  printJson(value: unknown): void {
    this.#stdout.write(`${safeJson(stringifyJson(value))}\n`)
  }

  /** The object with `--json`, else lines made of it. */
  show<T>(value: T, lines: (value: T) => readonly string[]): void {
    if (this.json) this.printJson(value)
    else this.printLines(lines(value))
  }

  /** Width of the terminal; nothing is cut in a pipe. */
  get columns(): number | undefined {
    return this.#stdout.isTTY ? (this.#stdout.columns ?? 80) : undefined
  }

  /** A list as the API gives it; on a terminal a table that fits. */
  list<T>(page: { items: readonly T[]; nextCursor?: string | null }, columns: readonly Column<T>[]): void {
    if (this.json) {
      this.printJson({ items: page.items, nextCursor: page.nextCursor ?? null })
      return
    }
    if (page.items.length === 0) {
      this.note('Nothing there.')
      return
    }
    const [title = '', ...rows] = formatTable(page.items, columns, { columns: this.columns })
    this.#stdout.write(`${this.#color ? `\x1b[1m${title}\x1b[22m` : title}\n`)
    this.printLines(rows)
    if (page.nextCursor) this.note(`There are more: --cursor ${page.nextCursor}`)
  }

  facts(facts: readonly (readonly [string, string | number | null | undefined])[]): void {
    this.printLines(formatFacts(facts))
  }

  /** For the person, not for the program behind the pipe; `--quiet` leaves it out. */
  note(line: string): void {
    if (!this.quiet) this.#stderr.write(`${safeText(line)}\n`)
  }

  /** Said even with `--quiet`. */
  complain(line: string): void {
    const safe = safeText(line)
    this.#stderr.write(`${this.#color ? `\x1b[31m${safe}\x1b[39m` : safe}\n`)
  }

  complainJson(value: unknown): void {
    this.#stderr.write(`${safeJson(stringifyJson(value))}\n`)
  }

  /** Progress is for people: with `--json` it is shown only on a terminal. */
  progress(): ProgressView {
    return openProgress(this.#stderr, this.quiet || (this.json && this.#stderr.isTTY !== true))
  }
}
