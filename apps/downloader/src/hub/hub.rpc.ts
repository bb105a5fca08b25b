import type {
  AdoptedFiles,
  AdoptFiles,
  ContentPlaces,
  hub,
  HubFilePage,
  HubFileView,
  HubHash,
  HubStatus,
  ListHubFiles,
  LocateContents,
  Nothing,
  PinHubFile,
  VerifyHub,
} from '@easel/contracts'
import { requireActor } from '@easel/protocol'
import type { CallContext, Handlers } from '@easel/protocol'
import { toHubFileView } from './hub-view.ts'
import { noModels } from './open-hub.ts'
import type { HubService } from './hub.service.ts'

/** Reads are for everyone who has signed in, changes for administrators, and where contents are for services too. */
export class HubRpc implements Handlers<typeof hub> {
  private readonly service: HubService | undefined

  /** None where there is no models folder. */
  constructor(service: HubService | undefined) {
    this.service = service
  }

  async getStatus(_input: Nothing, context: CallContext): Promise<HubStatus> {
    requireActor(context)
    return await this.hub.status()
  }

  async listFiles(input: ListHubFiles, context: CallContext): Promise<HubFilePage> {
    requireActor(context)
    const { rows, nextCursor } = await this.hub.list(input)
    return { items: rows.map(toHubFileView), nextCursor }
  }

  async pinFile({ sha256, pinned }: PinHubFile, context: CallContext): Promise<HubFileView> {
    return toHubFileView(await this.hub.pin(requireActor(context), sha256, pinned))
  }

  async evictFile({ sha256 }: HubHash, context: CallContext): Promise<HubFileView> {
    return toHubFileView(await this.hub.evict(requireActor(context), sha256))
  }

  async verify({ sha256 }: VerifyHub, context: CallContext): Promise<HubStatus> {
    return await this.hub.verify(requireActor(context), sha256)
  }

  async adoptFiles(input: AdoptFiles, context: CallContext): Promise<AdoptedFiles> {
    return await this.hub.adopt(requireActor(context), input)
  }

  async locateContents({ sha256 }: LocateContents): Promise<ContentPlaces> {
    const rows = await this.hub.locate(sha256)
    return {
      items: rows.map((row) => ({ sha256: row.sha256, bytes: Number(row.bytes), key: keyOf(row.sha256) })),
    }
  }

  private get hub(): HubService {
    if (this.service) return this.service
    throw noModels()
  }
}

const keyOf = (sha256: string): string => `sha256:${sha256}`
