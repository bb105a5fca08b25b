import { blobsConfig, databaseConfig, natsConfig, readConfig, runtimeConfig } from '@easel/config'
import type { TimeLimitRules } from './control/estimates/time-limits.ts'
import type { BlobsConfig, DatabaseConfig, Env, NatsConfig, Reader, RuntimeConfig } from '@easel/config'

export type ControlConfig = {
  readonly database: DatabaseConfig & { readonly poolSize: number }
  readonly nats: NatsConfig & { readonly prefix: string }
  readonly blobs: BlobsConfig
  readonly runtime: RuntimeConfig
  /** How long one attempt may run. */
  readonly attemptTimeout: TimeLimitRules
  readonly schedule: ScheduleConfig
  /** Answers are checked against the contract. */
  readonly validateOutputs: boolean
}

/** How jobs are shared out. */
export type ScheduleConfig = {
  readonly window: number
  readonly quantum: number
  /** Of interactive, normal and bulk. */
  readonly classWeights: readonly number[]
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
    attemptTimeout: timeLimits(read),
    schedule: scheduleConfig(read),
    validateOutputs: read.flag('EASEL_VALIDATE_OUTPUTS', {
      default: false,
      help: 'Checks answers against the contract, too: for development.',
    }),
  }
}

function timeLimits(read: Reader): TimeLimitRules {
  const ceilingMs = read.duration('EASEL_ATTEMPT_TIMEOUT', {
    default: '6h',
    help: 'How long one attempt of a job may run at most before it is stopped. A workflow that has never run gets all of it.',
  })
  const floorMs = read.duration('EASEL_ATTEMPT_TIMEOUT_FLOOR', {
    default: '10m',
    help: 'What an attempt of a short workflow may take at least.',
  })
  const factor = read.integer('EASEL_ATTEMPT_TIMEOUT_FACTOR', {
    default: 10,
    min: 2,
    max: 1_000,
    help: 'An attempt is stopped when it takes so many times of what such runs took before.',
  })
  return { ceilingMs, floorMs: Math.min(floorMs, ceilingMs), factor }
}

function scheduleConfig(read: Reader): ScheduleConfig {
  const weight = (name: string, what: string, value: number) =>
    read.integer(name, {
      default: value,
      min: 1,
      max: 1_000,
      help: `What a user's ${what} jobs weigh beside the same user's other jobs.`,
    })
  return {
    window: read.integer('EASEL_SCHEDULE_WINDOW', {
      default: 400,
      min: 1,
      max: 1_000,
      help: 'How many of the next jobs a worker looks through for one whose models it holds already.',
    }),
    quantum: read.integer('EASEL_SCHEDULE_QUANTUM', {
      default: 25,
      min: 0,
      max: 1_000,
      help: 'How long a worker may leave the first job waiting for those whose models it holds: so many times of what loading the models of the first takes.',
    }),
    classWeights: [
      weight('EASEL_WEIGHT_INTERACTIVE', 'interactive', 8),
      weight('EASEL_WEIGHT_NORMAL', 'normal', 3),
      weight('EASEL_WEIGHT_BULK', 'bulk', 1),
    ],
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
