import type { Secret } from '@easel/config'
import type { Logger } from '@easel/observability'
import type { SourceId } from './source-model.ts'
import type { Tokens } from './source.ts'

const keepMs = 30_000

type TokenParts = {
  /** Asks whoever stores them. */
  readonly stored: (source: SourceId) => Promise<string | null>
  readonly otherwise: Readonly<Record<SourceId, Secret | undefined>>
  readonly log: Logger
}

/** The stored token, else the environment's. What is stored is asked for again every half minute. */
export function keepTokens({ stored, otherwise, log }: TokenParts): Tokens {
  const known = new Map<SourceId, { token: string | null; until: number }>()
  return {
    tokenFor: async (source) => {
      const kept = known.get(source)
      if (kept && kept.until > performance.now()) return kept.token
      const found = await stored(source).catch((error: unknown) => {
        log.debug({ err: error, source }, 'stored tokens cannot be had now')
        return kept?.token ?? null
      })
      const token = found ?? otherwise[source]?.reveal() ?? null
      known.set(source, { token, until: performance.now() + keepMs })
      return token
    },
  }
}
