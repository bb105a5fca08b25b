import { formatPercent, formatSeconds } from './units.ts'
import { safeText } from './safe-text.ts'
import { fitText } from './text-width.ts'
import type { Stream } from './stream.ts'

export type Progress = {
  /** What is being done, such as the title of a node. */
  readonly label: string
  /** 0 to 1; left out when nobody knows. */
  readonly value?: number
  /** Such as `step 9/20` or `1.2 GiB of 4 GiB`. */
  readonly detail?: string
  readonly etaSeconds?: number | null
}

export interface ProgressView extends Disposable {
  update(progress: Progress): void
  /** A line that stays, above what moves. */
  note(line: string): void
  /** Gives the terminal to another writer for a moment. */
  above(write: () => void): void
}

const frameMs = 100
const barWidth = 20
const lineMs = 5_000

/** On a terminal one line that is written over; in a pipe a line for each step worth one; quiet says nothing. */
export function openProgress(stream: Stream, quiet: boolean): ProgressView {
  if (quiet) return silent
  return stream.isTTY ? new ProgressBar(stream) : new ProgressLines(stream)
}

const silent: ProgressView = {
  update() {},
  note() {},
  above: (write) => write(),
  [Symbol.dispose]() {},
}

class ProgressBar implements ProgressView {
  readonly #stream: Stream
  readonly #timer: NodeJS.Timeout
  #latest: Progress | undefined
  #drawn = ''

  constructor(stream: Stream) {
    this.#stream = stream
    this.#timer = setInterval(() => this.#draw(), frameMs)
  }

  update(progress: Progress): void {
    this.#latest = progress
  }

  note(line: string): void {
    this.above(() => this.#stream.write(`${safeText(line)}\n`))
  }

  above(write: () => void): void {
    this.#erase()
    write()
    this.#draw()
  }

  #draw(): void {
    if (!this.#latest) return
    const line = fitText(barOf(this.#latest), (this.#stream.columns ?? 80) - 1)
    if (line === this.#drawn) return
    this.#stream.write(`\r\x1b[2K${line}`)
    this.#drawn = line
  }

  #erase(): void {
    if (this.#drawn !== '') this.#stream.write('\r\x1b[2K')
    this.#drawn = ''
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#erase()
  }
}

export function barOf({ label, value, detail, etaSeconds }: Progress): string {
  const filled = Math.round((value ?? 0) * barWidth)
  const bar =
    value === undefined
      ? ''
      : `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${formatPercent(value).padStart(4)}  `
  const eta = etaSeconds ? `  ETA ${formatSeconds(etaSeconds)}` : ''
  return `${bar}${safeText(label)}${detail ? `  ${safeText(detail)}` : ''}${eta}`
}

class ProgressLines implements ProgressView {
  readonly #stream: Stream
  #label = ''
  #tenth = -1
  #saidAt = 0

  constructor(stream: Stream) {
    this.#stream = stream
  }

  update({ label, value, detail, etaSeconds }: Progress): void {
    const tenth = value === undefined ? this.#tenth : Math.floor(value * 10)
    const now = performance.now()
    const isLate = now - this.#saidAt >= lineMs
    if (label === this.#label && tenth === this.#tenth && !(isLate && value !== undefined)) return
    this.#label = label
    this.#tenth = tenth
    this.#saidAt = now
    const percent = value === undefined ? '' : ` ${formatPercent(value)}`
    const eta = etaSeconds ? `, ETA ${formatSeconds(etaSeconds)}` : ''
    this.note(`${label}${percent}${detail ? ` (${detail})` : ''}${eta}`)
  }

  note(line: string): void {
    this.#stream.write(`${safeText(line)}\n`)
  }

  above(write: () => void): void {
    write()
  }

  [Symbol.dispose](): void {}
}
