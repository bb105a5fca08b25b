import type { CheckNeeds, NeedSource, NeedsView, NeedView, TransferProgress } from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import type { TransfersUnderWay } from '../bundles/transfers-under-way.ts'
import type { Candidates } from './candidates.service.ts'
import { eachOf } from './each-of.ts'
import { baseOf, foldersOf, HeldFiles, similarNames } from './held-files.ts'
import type { Presence } from './held-files.ts'
import { namedFiles } from './named-files.ts'
import type { NamedFile } from './named-files.ts'
import type { CataloguedFile, NeedsRepository } from './needs.repository.ts'

export type CheckParts = {
  held: NeedsRepository
  candidates: Candidates
  transfers: TransfersUnderWay
}

/** For the questions to sources, all together: what they have not told by then is not known. */
const askMs = 4_500
const atOnce = 6

/** Which files a workflow names, which of them are here, and where the others can be had. */
export class CheckService {
  constructor(private readonly parts: CheckParts) {}

  async check(actor: Actor, { workflow, offline = false }: CheckNeeds): Promise<NeedsView> {
    const files = namedFiles(workflow)
    const { held, transfers } = this.parts
    const near = new HeldFiles(await held.listNear(nearOf(files)))
    const seen = files.map((file) => ({ file, presence: near.find(file) }))
    const missing = seen.filter(({ presence }) => !presence.file).map(({ file }) => file)
    const [paths, catalogued, moving] = await Promise.all([
      held.listPaths(foldersIn(missing)),
      held.listCatalogued(missing.map(({ name }) => baseOf(name))),
      transfers.find(
        actor,
        missing.flatMap(({ folder, name }) => (folder === null ? [] : [`${folder}/${name}`])),
      ),
    ])
    const alike = similarNames(paths, missing)
    const similar = new Map(missing.map((file, index) => [file, alike[index]!]))
    const signal = AbortSignal.timeout(askMs)
    const views = await eachOf(seen, atOnce, async ({ file, presence }): Promise<NeedView> => {
      if (presence.file) return presentView(file, presence)
      const sources = await this.sourcesOf(file, { catalogued, offline, signal })
      return missingView(file, {
        similar: similar.get(file) ?? [],
        sources,
        transfer: moving.get(`${file.folder}/${file.name}`),
      })
    })
    return {
      files: views,
      complete: views.every(({ state }) => state === 'present'),
      fetchable: views.every(({ state }) => ['present', 'downloading', 'available'].includes(state)),
      missingBytes: views.reduce(
        (sum, { state, bytes }) => sum + (state === 'present' ? 0 : (bytes ?? 0)),
        0,
      ),
    }
  }

  private async sourcesOf(
    file: NamedFile,
    {
      catalogued,
      offline,
      signal,
    }: { catalogued: readonly CataloguedFile[]; offline: boolean; signal: AbortSignal },
  ): Promise<NeedSource[]> {
    const { candidates } = this.parts
    const known = await candidates.known(file, catalogued)
    if (offline) return known
    if (known.length > 0) return candidates.completed(known)
    return candidates.asked(file, signal)
  }
}

function foldersIn(files: readonly NamedFile[]): string[] {
  return [...new Set(files.flatMap(({ folder }) => (folder === null ? [] : foldersOf(folder))))]
}

/** Names without their ending; embeddings are named without one. */
function nearOf(files: readonly NamedFile[]) {
  return {
    sha256: files.flatMap(({ entry }) => entry?.sha256 ?? []),
    names: files.flatMap(({ name }) => [baseOf(name), baseOf(name).replace(/\.[^.]*$/, '')]),
  }
}

const common = ({ name, nodes, folder }: NamedFile) => ({ name, nodes, folder })

function presentView(file: NamedFile, { file: held, exact }: Presence): NeedView {
  const { id, path, bytes, sha256 } = held!
  const wanted = file.entry?.sha256
  const isOther = wanted && sha256 && wanted !== sha256
  const problem = isOther
    ? 'A file with this name is here, but the workflow was made with another one'
    : exact
      ? null
      : `It is here as ${path}: choose it by that name`
  return {
    ...common(file),
    state: 'present',
    fileId: id,
    path,
    bytes,
    sha256,
    sources: [],
    similar: [],
    problem,
  }
}

type Missing = { similar: string[]; sources: NeedSource[]; transfer: TransferProgress | undefined }

function missingView(file: NamedFile, { similar, transfer, ...found }: Missing): NeedView {
  // Whoever takes the first takes one that can be fetched.
  const sources = found.sources.toSorted((a, b) => shutOf(a) - shutOf(b))
  const [best] = sources
  const view = {
    ...common(file),
    sources,
    similar,
    bytes: best?.file.bytes ?? transfer?.bytesTotal ?? null,
    sha256: best?.file.sha256 ?? file.entry?.sha256 ?? null,
  }
  if (transfer && ['queued', 'running', 'verifying'].includes(transfer.status)) {
    const total = transfer.bytesTotal ?? 0
    return {
      ...view,
      state: 'downloading',
      progress: total > 0 ? Math.min(1, transfer.bytesDone / total) : 0,
    }
  }
  if (!best) return { ...view, state: 'unknown', problem: unknownProblem(file) }
  if (sources.length > 1 && best.foundBy === 'name') {
    return {
      ...view,
      state: 'ambiguous',
      problem: `${sources.length} different files have this name: choose one`,
    }
  }
  if (best.file.gate !== 'open') return { ...view, state: 'gated', problem: gateProblem(best) }
  return { ...view, state: 'available', problem: null }
}

const shutOf = ({ file }: NeedSource): number => (file.gate === 'open' ? 0 : 1)

function unknownProblem({ entry }: NamedFile): string {
  if (!entry?.url) return 'Nobody knows where to get it'
  const host = URL.parse(entry.url)?.host ?? 'an unknown place'
  return `The workflow says that it is at ${host}: fetch it from there by hand if you trust that place`
}

function gateProblem({ file: { gate, approvalUrl } }: NeedSource): string {
  const at = approvalUrl ? ` at ${approvalUrl}` : ''
  switch (gate) {
    case 'terms':
      return `Its terms must be accepted${at} by whoever’s token Easel uses`
    case 'approval':
      return `Its owner gives access${at} to whoever asks`
    case 'early-access':
      return `It is for those who paid for early access${at}`
    case 'open':
      return ''
  }
}
