export type MigrateOptions = {
  readonly url: string
  readonly schema: string
  /** Holds one folder per migration, each with a `migration.sql`: `prisma/migrations`. */
  readonly directory: string
}

export type MigrateResult = {
  /** Names of the migrations that this call applied; empty when there was nothing to do. */
  readonly applied: readonly string[]
}

export function migrate(_options: MigrateOptions): Promise<MigrateResult> {
  return Promise.reject(new Error('Not yet'))
}
