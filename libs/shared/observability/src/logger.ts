import { pino, stdTimeFunctions } from 'pino'
import type { DestinationStream, Logger } from 'pino'
import { prettyLine } from './pretty-line.ts'
import { maskCredentials, scrubFields } from './scrub.ts'
import { currentTrace } from './trace-context.ts'

export type { Logger } from 'pino'

export type LoggerOptions = {
  service: string
  /** The least level to log; default `info`. */
  level?: string
  /** Lines for people instead of JSON. */
  pretty?: boolean
  /** Default: standard output. */
  destination?: DestinationStream
}

/**
 * A pino logger that writes JSON lines with the trace they belong to. Nothing secret gets out: fields named as
 * secrets, credentials in URLs and headers, wherever they stand; and everything is bounded in depth and length.
 */
export function createLogger({
  service,
  level = 'info',
  pretty = false,
  destination,
}: LoggerOptions): Logger {
  const output = destination ?? pino.destination({ dest: 1, sync: true })
  const logger = pino(
    {
      level,
      base: { service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are plain by the time a serializer would see them.
      serializers: { err: (error: unknown) => error },
      mixin: traceFields,
      mixinMergeStrategy: (fields, trace) => ({ ...scrubFields(fields), ...trace }),
      // The message is known only here. What a pattern masks holds no quotes, so the line stays JSON.
      hooks: { streamWrite: pretty ? (line) => prettyLine(maskCredentials(line)) : maskCredentials },
    },
    output,
  )
  return withScrubbedChildren(logger)
}

/** Pino offers no hook for the fields of a child; children inherit this method. */
function withScrubbedChildren(logger: Logger): Logger {
  const { child } = logger
  logger.child = function scrubbedChild(this: Logger, bindings: object, options?: object) {
    return child.call(this, scrubFields(bindings), options)
  } as typeof child
  return logger
}

function traceFields(): object {
  return currentTrace() ?? {}
}
