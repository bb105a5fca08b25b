import { publishLive, subscribeLive } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { newId } from '@easel/protocol'
import { announceEnd } from '../downloads/announce.ts'
import { bootId } from './boot-id.ts'
import { TransferRun } from './transfer-run.ts'
import type { RunParts } from './transfer-run.ts'

/** A silent replica loses its transfers after this. */
const leaseMs = 6_000
const roundMs = 1_000
const sweepMs = 60 * 60 * 1_000
const channel = 'transfer-poke'

export type EngineParts = Omit<RunParts, 'boot' | 'before'> & {
  bus: Bus
  /** False: this process has no models folder. */
  claims: boolean
}

/**
 * Runs transfers on this replica. Each round: renew the leases and let go of what is no longer ours (paused,
 * canceled, or taken over after a pause of this process), then claim what there is room for. A word on the
 * bus makes every replica do a round at once.
 */
export class TransferEngine implements AsyncDisposable {
  private readonly runs = new Map<string, TransferRun>()
  private readonly owner = newId()
  private readonly machine = bootId()
  private readonly subscription: Disposable
  private readonly timer: NodeJS.Timeout
  private readonly sweeping: NodeJS.Timeout
  private round: Promise<void> | undefined
  private again = false
  private stopped = false
  private renewedAt = performance.now()

  constructor(private readonly parts: EngineParts) {
    this.subscription = subscribeLive(parts.bus, { spaceId: 'system', channel }, () => this.wake())
    this.timer = setInterval(() => {
      // A round may hang with the database: what is lost meanwhile is let go of all the same.
      this.giveUpExpired()
      this.start()
    }, roundMs)
    this.sweeping = setInterval(() => void this.sweep(), sweepMs)
    void this.sweep()
    this.wake()
  }

  /** Something changed that a replica should know at once: work, a pause, a cancel, the settings. */
  tellAll(): void {
    publishLive(this.parts.bus, { spaceId: 'system', channel, key: 'all', data: {} })
    this.wake()
  }

  /** Of what nobody wants any more. A run that still writes to it writes to nothing then, and ends in a moment. */
  async removePartial(transferId: string): Promise<void> {
    await this.parts.store.transact(async ({ transfers }) => {
      // Nobody begins it anew meanwhile.
      if (await transfers.lockOver(transferId)) await this.parts.files.removePartial(transferId)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped = true
    clearInterval(this.timer)
    clearInterval(this.sweeping)
    this.subscription[Symbol.dispose]()
    await this.round
    const runs = [...this.runs.values()]
    for (const run of runs) run.stop('stopping')
    await Promise.all(runs.map(({ done }) => done))
    if (runs.length > 0) this.tellAll()
  }

  private wake(): void {
    this.again = true
    this.start()
  }

  private start(): void {
    if (this.round || this.stopped) return
    this.again = false
    this.round = this.turn()
      .catch((cause: unknown) => this.parts.log.warn({ err: cause }, 'transfers cannot be looked after'))
      .finally(() => {
        this.round = undefined
        if (this.again) this.start()
      })
  }

  private async turn(): Promise<void> {
    if (this.runs.size > 0) await this.renew()
    else this.renewedAt = performance.now()
    const { store, patience } = this.parts
    if (this.stopped || !this.parts.claims) return
    const claimed = await store.transact(async (tx) => {
      for (const id of await tx.claims.giveUp(patience)) await announceEnd(tx, id)
      return await tx.claims.claim(this.owner, this.machine, leaseMs)
    })
    for (const transfer of claimed) {
      // A run of before that was thought lost has to end first: both would write the same file. It may take a while
      // in which the leases of all others have to be renewed.
      const before = this.runs.get(transfer.id)
      before?.stop('lost')
      const run = new TransferRun({ ...this.parts, boot: this.machine, before: before?.done }, transfer)
      this.runs.set(transfer.id, run)
      void run.done.then(() => {
        if (this.runs.get(transfer.id) === run) this.runs.delete(transfer.id)
        this.wake()
      })
    }
  }

  private async renew(): Promise<void> {
    const claims = [...this.runs.values()].map(({ claim }) => claim)
    const begun = performance.now()
    const kept = await this.parts.store.claims.renew(this.owner, claims, leaseMs)
    this.renewedAt = begun
    for (const { id } of claims) if (!kept.has(id)) this.runs.get(id)?.stop('lost')
  }

  /** While this process was paused or cut off from the database, another may have taken over. */
  private giveUpExpired(): void {
    if (performance.now() - this.renewedAt < leaseMs) return
    for (const run of this.runs.values()) run.stop('lost')
  }

  /** Partial files of transfers that ended while their replica was being killed, and wrong bytes after a day. */
  private async sweep(): Promise<void> {
    const { files, store, log, claims } = this.parts
    if (!claims) return
    try {
      for (const id of await store.transfers.listOver(await files.listPartials()))
        await this.removePartial(id)
      await files.removeOutdated()
    } catch (cause) {
      log.warn({ err: cause }, 'left-over partial files could not be removed')
    }
  }
}
