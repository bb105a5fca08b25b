import { constants } from 'node:fs'
import { link, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { SidecarOutcome } from '@easel/contracts'
import { newId } from '@easel/protocol'
import type { FileRow } from '../library/file-view.ts'
import { readJson } from './read-besides.ts'

export type SidecarFormat = 'easel' | 'civitai'

const endings = { easel: '.easel.json', civitai: '.civitai.info' } as const
/** Stands in every sidecar of ours: others are never overwritten. */
const mark = 'Easel'

/** Writes beside model files what is known of them: whole or not at all, and never over what somebody else wrote. */
export class SidecarWriter {
  private readonly directory: string
  private readonly format: SidecarFormat

  /** `directory`: the first models folder; files of others are skipped, for they are only read. */
  constructor(directory: string, format: SidecarFormat) {
    this.directory = directory
    this.format = format
  }

  async write(files: readonly FileRow[]): Promise<SidecarOutcome[]> {
    const outcomes: SidecarOutcome[] = []
    for (const file of files) outcomes.push({ id: file.id, path: file.path, ...(await this.writeOne(file)) })
    return outcomes
  }

  private async writeOne(file: FileRow): Promise<Pick<SidecarOutcome, 'outcome' | 'problem'>> {
    if (file.root !== '') return { outcome: 'skipped', problem: 'Its folder is only read.' }
    const model = join(this.directory, file.path)
    const target = model.slice(0, model.lastIndexOf('.')) + endings[this.format]
    const text = `${JSON.stringify(this.format === 'easel' ? easelSidecar(file) : civitaiSidecar(file), null, 2)}\n`
    try {
      const before = await readJson(target)
      if (before !== undefined && !isOurs(before)) {
        return { outcome: 'skipped', problem: 'Another program has written one.' }
      }
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(JSON.parse(text))) {
        return { outcome: 'unchanged', problem: null }
      }
      await replace(target, text, before !== undefined)
      return { outcome: 'written', problem: null }
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code
      if (code === undefined) throw cause
      return code === 'EEXIST'
        ? { outcome: 'skipped', problem: 'Another program has written one.' }
        : { outcome: 'failed', problem: `The file could not be written (${code}).` }
    }
  }
}

/** `ours`: it may take the place of what is there; else a file that is there, even an unreadable one, stays. */
async function replace(target: string, text: string, ours: boolean): Promise<void> {
  // Hidden, so that no scan takes it for anything.
  const temporary = join(dirname(target), `.easel-${newId()}.tmp`)
  try {
    await using file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644)
    await file.writeFile(text)
    await file.sync()
    if (ours) await rename(temporary, target)
    else await link(temporary, target)
  } finally {
    await rm(temporary, { force: true })
  }
}

function isOurs(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'writtenBy' in value && value.writtenBy === mark
}

function easelSidecar(file: FileRow) {
  return {
    writtenBy: mark,
    title: file.title,
    source: file.modelSource,
    modelId: file.modelId,
    versionId: file.versionId,
    baseModel: file.baseModel,
    family: file.family,
    triggerWords: file.triggerWords,
    description: file.description,
    notes: file.notes,
    preferredWeight: file.preferredWeight,
    sha256: file.sha256,
  }
}

/** In the shape of CivitAI's answer for a version, as other programs read it. */
function civitaiSidecar(file: FileRow) {
  const isNumber = file.modelSource === 'civitai'
  return {
    writtenBy: mark,
    id: isNumber ? Number(file.versionId) : null,
    modelId: isNumber ? Number(file.modelId) : null,
    name: file.title,
    baseModel: file.baseModel,
    trainedWords: file.triggerWords,
    description: file.description,
    model: { name: file.title, type: file.type === 'lora' ? 'LORA' : file.type },
    files: [
      {
        name: file.path.slice(file.path.lastIndexOf('/') + 1),
        sizeKB: Number(file.bytes) / 1024,
        primary: true,
        hashes: { SHA256: file.sha256?.toUpperCase(), AutoV2: file.autoV2, AutoV3: file.autoV3 },
      },
    ],
  }
}
