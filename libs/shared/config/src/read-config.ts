import { ConfigError } from './config-error.ts'
import { EnvReader } from './env-reader.ts'
import type { Env, Reader, Setting } from './reader.ts'

/** Reads the settings, or throws one `ConfigError` that lists every fault. */
export function readConfig<T>(env: Env, build: (read: Reader) => T): T {
  const reader = new EnvReader(env)
  let config: T
  try {
    config = build(reader)
  } catch (cause) {
    // A stand-in value may trip what the caller derives from it; the faults are the better story.
    if (reader.faults.length > 0) throw new ConfigError(reader.faults, cause)
    throw cause
  }
  if (reader.faults.length > 0) throw new ConfigError(reader.faults)
  return config
}

/** Every setting that `build` reads, in the order of reading. */
export function listSettings(build: (read: Reader) => unknown): readonly Setting[] {
  const reader = new EnvReader({})
  build(reader)
  return [...reader.settings.values()]
}
