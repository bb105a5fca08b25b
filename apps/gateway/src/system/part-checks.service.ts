import { Inject, Injectable } from '@nestjs/common'
import { AppError } from '@easel/protocol'
import { Redis } from 'ioredis'
import { GatewayStore } from '../gateway.store.ts'
import { Services } from '../services.ts'
import { BLOBS, BUS } from '../tokens.ts'
import type { BlobStore } from '@easel/blobs'
import type { Bus } from '@easel/bus'
import type { Checks } from '@easel/observability'
import type { Actor, CallOptions } from '@easel/protocol'

const nobody = '00000000-0000-7000-8000-000000000000'

/** Sees no space: its questions only tell that somebody answers. */
const probe: Actor = {
  userId: nobody,
  role: 'viewer',
  personalSpaceId: nobody,
  spaces: {},
  scopes: ['jobs:read', 'assets:read', 'models:read'],
}

/** What the gateway needs to be of use: its own servers, and the services behind it. */
@Injectable()
export class PartChecks {
  readonly all: Checks
  /** When each was last well. */
  readonly lastOk: ReadonlyMap<string, string>

  constructor(
    store: GatewayStore,
    redis: Redis,
    @Inject(BUS) bus: Bus,
    @Inject(BLOBS) blobs: BlobStore,
    { inference, gallery, catalog, downloader }: Services,
  ) {
    const lastOk = new Map<string, string>()
    this.lastOk = lastOk
    this.all = noting(lastOk, {
      postgres: () => store.sql.check(),
      redis: async () => void (await redis.ping()),
      nats: () => bus.check(),
      blobs: () => blobs.check(),
      inference: () => answers((options) => inference.getJob({ id: nobody }, options)),
      gallery: () => answers((options) => gallery.getAsset({ id: nobody }, options)),
      catalog: () => answers((options) => catalog.getFile({ id: nobody }, options)),
      downloader: () => answers((options) => downloader.getDownload({ id: nobody }, options)),
    })
  }
}

function noting(lastOk: Map<string, string>, checks: Checks): Checks {
  const entries = Object.entries(checks).map(([name, check]): [string, Checks[string]] => [
    name,
    async (signal) => {
      await check(signal)
      lastOk.set(name, new Date().toISOString())
    },
  ])
  return Object.fromEntries(entries)
}

/** "No such job" is an answer: the service, its database and the way to it work. */
async function answers(ask: (options: CallOptions) => Promise<unknown>): Promise<void> {
  try {
    await ask({ actor: probe, timeoutMs: 1_500 })
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'not_found') throw cause
  }
}
