import { AppError } from '@easel/protocol'

/** What the process says at its end; see docs/cli.md. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  refused: 2,
  notSignedIn: 3,
  unreachable: 4,
  timedOut: 124,
  canceled: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Something on the command line, or in a file it names, is wrong. */
export function usageError(message: string, reason = 'USAGE'): AppError {
  return new AppError('invalid', message, { reason })
}

/** What was asked for did not come to a good end. */
export function failed(message: string, reason: string): AppError {
  return new AppError('conflict', message, { reason })
}
