import { blobsConfig, databaseConfig, natsConfig, readConfig, runtimeConfig } from '@easel/config'
import type { BlobsConfig, DatabaseConfig, Env, NatsConfig, Reader, RuntimeConfig } from '@easel/config'

export type ControlConfig = {
  readonly database: DatabaseConfig & { readonly poolSize: number }
  readonly nats: NatsConfig & { readonly prefix: string }
  readonly blobs: BlobsConfig
  readonly runtime: RuntimeConfig
  /** How long one attempt may run. */
  readonly attemptTimeoutMs: number
  /** Answers are checked against the contract. */
  readonly validateOutputs: boolean
}

export const roles = ['control', 'worker', 'all'] as const
export type Role = (typeof roles)[number]

/** The settings of the control role. */
export function loadConfig(env: Env): ControlConfig {
  return readConfig(env, controlSettings)
}

export function controlSettings(read: Reader): ControlConfig {
  return {
    database: {
      ...databaseConfig(read),
      poolSize: read.integer('EASEL_INFERENCE_POOL_SIZE', {
        default: 10,
        min: 3,
        max: 200,
        help: 'Postgres connections of one control process.',
      }),
    },
    nats: { ...natsConfig(read), prefix: '' },
    blobs: blobsConfig(read),
    runtime: runtimeConfig(read),
    attemptTimeoutMs: read.duration('EASEL_ATTEMPT_TIMEOUT', {
      default: '6h',
      help: 'How long one attempt of a job may run before it is stopped.',
    }),
    validateOutputs: read.flag('EASEL_VALIDATE_OUTPUTS', {
      default: false,
      help: 'Checks answers against the contract, too: for development.',
    }),
  }
}

/** Which parts of the service this process is. */
export function loadRole(env: Env): Role {
  return readConfig(env, (read) =>
    read.oneOf('EASEL_INFERENCE_ROLE', roles, {
      default: 'control',
      help: 'control keeps the ledger and schedules, worker runs jobs on a ComfyUI, all does both.',
    }),
  )
}
