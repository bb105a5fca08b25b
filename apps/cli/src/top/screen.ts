import { writeSync } from 'node:fs'
import { emitKeypressEvents } from 'node:readline'
import type { Terminal } from '../commands/context.ts'
import type { Line, Size } from './draw.ts'

const enter = '\x1b[?1049h\x1b[?25l'
const leave = '\x1b[0m\x1b[?25h\x1b[?1049l'
const looks = { title: '\x1b[1m', cursor: '\x1b[7m', faint: '\x1b[2m' } as const

type Key = { readonly name?: string; readonly ctrl?: boolean; readonly meta?: boolean }

export type Keys = (name: string, text: string) => void

/**
 * The whole terminal, in plain control sequences: one list needs no library with a layout engine. However the
 * process ends, the terminal is as it was: on disposal, on a signal, on an error that nobody caught, on exit.
 */
export class Screen implements Disposable {
  readonly #terminal: Terminal
  readonly #onKey: (text: string | undefined, key: Key) => void
  readonly #onResize: () => void
  readonly #restore = () => this.#leave()
  #drawn: readonly string[] = []
  #open = true

  constructor(terminal: Terminal, { onKey, onResize }: { onKey: Keys; onResize: () => void }) {
    this.#terminal = terminal
    const { stdin, stdout } = terminal
    this.#onKey = (text, key) => onKey(keyName(text, key), text ?? '')
    this.#onResize = () => {
      this.#drawn = []
      onResize()
    }
    process.on('exit', this.#restore)
    // Before the error is printed, which would be lost with the screen.
    process.on('uncaughtExceptionMonitor', this.#restore)
    emitKeypressEvents(stdin)
    stdin.setRawMode(true)
    stdin.on('keypress', this.#onKey).resume()
    stdout.on('resize', this.#onResize)
    stdout.write(enter)
  }

  get size(): Size {
    // Some pseudo terminals say 0.
    const { columns, rows } = this.#terminal.stdout
    return { columns: columns || 80, rows: rows || 24 }
  }

  /** Only lines that changed are written. */
  show(lines: readonly Line[]): void {
    if (!this.#open) return
    const written = lines.map(({ text, look }) => (look ? `${looks[look]}${text}\x1b[0m` : text))
    const changes = written.flatMap((line, index) =>
      line === this.#drawn[index] ? [] : [`\x1b[${index + 1};1H\x1b[2K${line}`],
    )
    if (changes.length > 0) this.#terminal.stdout.write(changes.join(''))
    this.#drawn = written
  }

  [Symbol.dispose](): void {
    this.#leave()
    process.off('exit', this.#restore)
    process.off('uncaughtExceptionMonitor', this.#restore)
    this.#terminal.stdin.off('keypress', this.#onKey).pause()
    this.#terminal.stdout.off('resize', this.#onResize)
  }

  /** At once and not by a stream: the process may be gone in a moment. */
  #leave(): void {
    if (!this.#open) return
    this.#open = false
    try {
      this.#terminal.stdin.setRawMode(false)
      writeSync(this.#terminal.stdout.fd, leave)
    } catch (cause) {
      // The terminal itself is gone: there is nothing to restore.
      if (!(cause instanceof Error && 'code' in cause)) throw cause
    }
  }
}

function keyName(text: string | undefined, { name, ctrl, meta }: Key): string {
  if (ctrl && name === 'c') return 'ctrl-c'
  if (ctrl || (meta && name !== 'escape')) return ''
  if (name === 'enter') return 'return'
  return name ?? text ?? ''
}
