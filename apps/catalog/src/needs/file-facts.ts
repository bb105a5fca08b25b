import type { BundleFile, ResolvedFile } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { ModelSource } from '../sources/source.ts'
import { eachOf } from './each-of.ts'
import { wishOf } from './reference.ts'
import type { SourceUrls } from './reference.ts'
import { repoFiles } from './repo-files.ts'

/** What the source of a file says of it. */
export type FileFact = Pick<
  ResolvedFile,
  'bytes' | 'sha256' | 'gate' | 'approvalUrl' | 'source' | 'modelId' | 'versionId'
>

type Kept = { fact: FileFact | undefined; until: number }

const keptMs = 3_600_000
const failureKeptMs = 30_000
const mostKept = 5_000
const atOnce = 6

/** Sizes and hashes of files at known addresses, where their source tells them; kept in memory for an hour. */
export class FileFacts {
  private readonly kept = new Map<string, Kept>()
  private readonly asking = new Map<string, Promise<FileFact | undefined>>()

  constructor(private readonly parts: { huggingface: ModelSource; urls: SourceUrls; timeoutMs?: number }) {}

  /** Undefined when nobody says, or not in time. */
  async find(url: string): Promise<FileFact | undefined> {
    const kept = this.kept.get(url)
    if (kept && kept.until > performance.now()) return kept.fact
    const asked = this.asking.get(url) ?? this.ask(url).finally(() => this.asking.delete(url))
    this.asking.set(url, asked)
    return asked
  }

  /** Files with what is not known of them. Those that cannot be asked for in time stay as they are. */
  completed(files: readonly BundleFile[]): Promise<BundleFile[]> {
    return eachOf(files, atOnce, async (file) =>
      file.sha256 ? file : withFact(file, await this.find(file.urls[0]!)),
    )
  }

  /** The same without asking anybody. */
  remembered(file: BundleFile): BundleFile {
    return withFact(file, this.kept.get(file.urls[0]!)?.fact)
  }

  private async ask(url: string): Promise<FileFact | undefined> {
    const fact = await this.look(url).catch((cause: unknown) => {
      if (cause instanceof AppError && cause.code !== 'internal') return undefined
      throw cause
    })
    if (this.kept.size >= mostKept) this.kept.delete(this.kept.keys().next().value!)
    this.kept.set(url, { fact, until: performance.now() + (fact ? keptMs : failureKeptMs) })
    return fact
  }

  private async look(url: string): Promise<FileFact | undefined> {
    const wish = wishOf(url, this.parts.urls)
    if (wish.source !== 'huggingface' || wish.path === undefined) return undefined
    const { huggingface, timeoutMs = 4_000 } = this.parts
    const signal = AbortSignal.timeout(timeoutMs)
    const { repo = '', revision = 'main' } = wish
    const [{ value: model }, { value: listed }] = await Promise.all([
      huggingface.getModel(repo, { revision, signal }),
      huggingface.listFiles(repo, { revision, signal }),
    ])
    const [file] = repoFiles({ model, versionId: listed.versionId, files: listed.files }, wish)
    return file
  }
}

function withFact(file: BundleFile, fact: FileFact | undefined): BundleFile {
  if (!fact) return file
  return { ...file, bytes: file.bytes ?? fact.bytes ?? null, sha256: file.sha256 ?? fact.sha256 ?? null }
}
