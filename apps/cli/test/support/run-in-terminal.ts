import { waitFor } from '@easel/testing'
import { spawn, spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export type InTerminal = AsyncDisposable & {
  /** Presses keys. */
  type(text: string): void
  /** Everything that was written, control sequences and all. */
  written(): string
  /** Waits until the screen has shown it. Gives what has been written since the last key. */
  sees(text: string | RegExp): Promise<string>
  /** Sends a signal to the command itself. */
  kill(signal: NodeJS.Signals): Promise<void>
  readonly ended: Promise<number | null>
}

/** `script` of util-linux: that of macOS takes other words. */
export function hasScript(): boolean {
  return /util-linux/.test(String(spawnSync('script', ['--version']).stdout))
}

type Options = { readonly env: Record<string, string>; readonly home: string; readonly size: string }

/** The command in a pseudo terminal, which util-linux's `script` makes. */
export function runInTerminal(words: readonly string[], { env, home, size }: Options): InTerminal {
  const [columns, rows] = size.split('x')
  const command = [
    process.execPath,
    '--conditions=@easel/source',
    '--disable-warning=ExperimentalWarning',
    main,
    ...words,
  ]
  const quoted = command.map((word) => `'${word}'`).join(' ')
  // The shell tells its number, which the command then has. What is left after it tells whether the terminal is as it was.
  const inside = `stty rows ${rows} cols ${columns}; sh -c 'echo pid=$$; exec "$@"' sh ${quoted}; code=$?; stty -a; exit $code`
  const child = spawn('script', ['-qefc', inside, '/dev/null'], {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      TERM: 'xterm-256color',
      XDG_CONFIG_HOME: `${home}/config`,
      XDG_CACHE_HOME: join(tmpdir(), 'easel-cli-tests'),
      ...env,
    },
  })
  let written = ''
  let since = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    type(text) {
      since = written.length
      child.stdin.write(text)
    },
    written: () => written,
    async sees(text) {
      await waitFor(() => {
        const recent = written.slice(since)
        return typeof text === 'string' ? recent.includes(text) : text.test(recent)
      })
      return written.slice(since)
    },
    async kill(signal) {
      await waitFor(() => /pid=\d+/.test(written))
      process.kill(Number(/pid=(\d+)/.exec(written)?.[1]), signal)
    },
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
