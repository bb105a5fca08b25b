import type { Actor } from '@easel/protocol'
import type { FoundFile, Placed, Placement, SoughtFile, VerifiedFile } from '../transfers/placement.ts'
import type { PresentFiles } from './present-files.ts'

/** Nobody in particular asks what lies in the library. */
const nobody = '00000000-0000-0000-0000-000000000000'
const service: Actor = { userId: nobody, role: 'viewer', personalSpaceId: nobody, spaces: {}, scopes: [] }

/** Before a file is fetched, it is looked for once more: with the time to read a large one. */
export class ThriftyPlacement implements Placement {
  readonly #placement: Placement
  readonly #presentFiles: PresentFiles

  constructor(placement: Placement, presentFiles: PresentFiles) {
    this.#placement = placement
    this.#presentFiles = presentFiles
  }

  async find(sought: SoughtFile, signal: AbortSignal): Promise<FoundFile | undefined> {
    const found = await this.#placement.find(sought, signal)
    if (found) return found
    const present = await this.#presentFiles.find(sought, service, signal)
    signal.throwIfAborted()
    return present && { ...present, path: `${present.folder}/${present.filename}` }
  }

  place(partialPath: string, file: VerifiedFile, signal: AbortSignal): Promise<Placed> {
    return this.#placement.place(partialPath, file, signal)
  }

  remove(partialPath: string, file: VerifiedFile): Promise<void> {
    return this.#placement.remove(partialPath, file)
  }
}
