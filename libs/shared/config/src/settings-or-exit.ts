import { ConfigError } from './config-error.ts'
import type { Env } from './reader.ts'

/** For a `main.ts`: the settings, or every fault of them on standard error and the end with code 1. */
export function settingsOrExit<T>(load: (env: Env) => T, env: Env): T {
  try {
    return load(env)
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause
    process.stderr.write(`${cause.message}\n`)
    process.exit(1)
  }
}
