import { mkdirSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { PartialPaths } from './bringing.ts'
import { takeOver } from './take-over.ts'
import type { TakingOver } from './take-over.ts'
import type { Claim } from './transfers.repository.ts'

/** `<transfer>.<claim>`, beside it its journal; releases of before gave a transfer one file for all its claims. */
const named = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.(\d{1,9}))?(\.ranges|\.bad|\.copy)?$/
/** So long somebody may look at bytes that turned out wrong. */
const quarantineMs = 24 * 60 * 60 * 1_000

type Partial = { name: string; id: string; epoch: number; ending: string }

/**
 * Where transfers keep their files: on the file system of the models, hidden from the library. Each claim has files
 * of its own: whatever a replica does that was thought dead, it does it to its own.
 */
export class TransferFiles {
  readonly root: string
  readonly #partials: string

  constructor(root: string) {
    this.root = root
    this.#partials = join(root, '.easel-partial')
  }

  /** The folder is there then. */
  partial({ id, epoch }: Claim): PartialPaths {
    mkdirSync(this.#partials, { recursive: true })
    const path = join(this.#partials, `${id}.${epoch}`)
    return { path, journal: `${path}.ranges`, bad: join(this.#partials, `${id}.bad`) }
  }

  /** Undefined where the file of a claim lies on another replica's disk, if anywhere. */
  async find({ id, epoch }: Claim): Promise<string | undefined> {
    const path = join(this.#partials, `${id}.${epoch}`)
    return (await stat(path).catch(unlessGone)) && path
  }

  /** What claims of before have left becomes this claim's, as far as it can be relied on; the rest is removed. */
  async takeOver(claim: Claim, taking: TakingOver): Promise<PartialPaths> {
    await mkdir(this.#partials, { recursive: true })
    const paths = this.partial(claim)
    const before = (await this.#list()).filter(({ id, epoch }) => id === claim.id && epoch < claim.epoch)
    const data = before
      .filter(({ ending }) => ending === '')
      .toSorted((one, other) => other.epoch - one.epoch)
    for (const { name } of data) {
      const from = join(this.#partials, name)
      // Another claim of before may be doing the same.
      await takeOver({ path: from, journal: `${from}.ranges` }, paths, taking).catch(unlessGone)
      if (await stat(paths.path).catch(unlessGone)) break
    }
    await this.removePartial(claim.id, { bad: false, before: claim.epoch })
    return paths
  }

  /** `before`: of earlier claims than this one. */
  async removePartial(
    transferId: string,
    { bad = true, before = Number.POSITIVE_INFINITY } = {},
  ): Promise<void> {
    const mine = (await this.#list()).filter(
      ({ id, epoch, ending }) => id === transferId && (ending === '.bad' ? bad : epoch < before),
    )
    await Promise.all(mine.map(({ name }) => rm(join(this.#partials, name), { force: true })))
  }

  /** Ids of the transfers that files are there of. Wrong bytes are left out until their time is over. */
  async listPartials(): Promise<string[]> {
    const ids = new Set<string>()
    for (const { id, name, ending } of await this.#list())
      if (ending !== '.bad' || !(await this.#isYoung(name))) ids.add(id)
    return [...ids]
  }

  /** What a replica that woke too late has made beside the file of a later claim. */
  async removeOutdated(): Promise<void> {
    const all = await this.#list()
    const newest = new Map<string, number>()
    for (const { id, epoch, ending } of all)
      if (ending === '') newest.set(id, Math.max(epoch, newest.get(id) ?? 0))
    for (const { name, id, epoch, ending } of all)
      if (ending !== '.bad' && epoch < (newest.get(id) ?? 0))
        await rm(join(this.#partials, name), { force: true })
  }

  async #isYoung(name: string): Promise<boolean> {
    const found = await stat(join(this.#partials, name)).catch(unlessGone)
    return found !== undefined && Date.now() - found.ctimeMs < quarantineMs
  }

  async #list(): Promise<Partial[]> {
    const names = (await readdir(this.#partials).catch(unlessGone)) ?? []
    return names.flatMap((name) => {
      const [, id, epoch = '0', ending = ''] = named.exec(name) ?? []
      return id === undefined ? [] : [{ name, id, epoch: Number(epoch), ending }]
    })
  }
}

function unlessGone(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== 'ENOENT') throw cause
}
