import { createClient } from '@easel/bus'
import {
  bundles,
  catalog,
  collections,
  downloader,
  gallery,
  hub,
  inference,
  libraryCare,
  models,
  needs,
  sourceTokens,
} from '@easel/contracts'
import { Inject, Injectable } from '@nestjs/common'
import { BUS } from './tokens.ts'
import type { Bus } from '@easel/bus'
import type { Client } from '@easel/protocol'

/** Typed clients of the services behind the gateway. */
@Injectable()
export class Services {
  readonly inference: Client<typeof inference>
  readonly gallery: Client<typeof gallery>
  readonly catalog: Client<typeof catalog>
  readonly libraryCare: Client<typeof libraryCare>
  readonly models: Client<typeof models>
  readonly needs: Client<typeof needs>
  readonly bundles: Client<typeof bundles>
  readonly collections: Client<typeof collections>
  readonly downloader: Client<typeof downloader>
  readonly sourceTokens: Client<typeof sourceTokens>
  readonly hub: Client<typeof hub>

  constructor(@Inject(BUS) bus: Bus) {
    this.inference = createClient(bus, inference)
    this.gallery = createClient(bus, gallery)
    this.catalog = createClient(bus, catalog)
    this.libraryCare = createClient(bus, libraryCare)
    this.models = createClient(bus, models)
    this.needs = createClient(bus, needs)
    this.bundles = createClient(bus, bundles)
    this.collections = createClient(bus, collections)
    this.downloader = createClient(bus, downloader)
    this.sourceTokens = createClient(bus, sourceTokens)
    this.hub = createClient(bus, hub)
  }
}
