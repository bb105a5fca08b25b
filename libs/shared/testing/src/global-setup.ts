import type { TestProject } from 'vitest/node'
import { startBroker } from './broker.ts'

declare module 'vitest' {
  interface ProvidedContext {
    easelBroker: string
  }
}

/**
 * Vitest's global set-up: one broker for the whole run.
 * @public Vitest calls it by its name.
 */
export async function setup(project: TestProject): Promise<() => PromiseLike<void>> {
  const { env } = process
  const broker = await startBroker({
    urls: {
      postgres: env.EASEL_TEST_POSTGRES_URL,
      nats: env.EASEL_TEST_NATS_URL,
      redis: env.EASEL_TEST_REDIS_URL,
    },
    mayInstall: !env.EASEL_NO_INSTALL,
  })
  project.provide('easelBroker', broker.url)
  return () => broker[Symbol.asyncDispose]()
}
