/** What is used of a pino logger. */
export type DatabaseLog = {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export const silentLog: DatabaseLog = { info() {}, warn() {}, error() {} }
