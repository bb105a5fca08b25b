import { createClient } from '@easel/bus'
import { catalog, downloader, gallery, inference } from '@easel/contracts'
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
  readonly downloader: Client<typeof downloader>

  constructor(@Inject(BUS) bus: Bus) {
    this.inference = createClient(bus, inference)
    this.gallery = createClient(bus, gallery)
    this.catalog = createClient(bus, catalog)
    this.downloader = createClient(bus, downloader)
  }
}
