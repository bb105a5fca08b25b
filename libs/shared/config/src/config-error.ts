/** Everything that is wrong with the settings, at once. Carries names and rules, never a value. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  /** One line each: `EASEL_PORT: must be a whole number from 0 to 65535`. */
  readonly faults: readonly string[]

  constructor(faults: readonly string[], cause?: unknown) {
    super(`The settings are not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`, { cause })
    this.faults = faults
  }
}
