import type { Settings } from './options.ts'

const gib = 1024 ** 3
const typicalBytes: Readonly<Record<string, number>> = {
  checkpoints: 6.5 * gib,
  diffusion_models: 11 * gib,
  text_encoders: 4.5 * gib,
  controlnet: 1.4 * gib,
}
const smallModel = 0.3 * gib

/** Which models lie in the simulated video memory; the one used longest ago makes room. */
export class ModelMemory {
  private readonly loaded = new Map<string, number>()
  private readonly settings: Settings

  constructor(settings: Settings) {
    this.settings = settings
  }

  get usedBytes(): number {
    return [...this.loaded.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  /** How long using this model costs before it can start: nothing when it is loaded already. */
  load(folder: string, name: string): { cold: boolean; ms: number } {
    const key = `${folder}/${name}`
    const known = this.loaded.get(key)
    const bytes = known ?? this.bytesOf(folder, name)
    this.loaded.delete(key)
    for (const oldest of this.loaded.keys()) {
      if (this.usedBytes + bytes <= this.settings.vramBytes) break
      this.loaded.delete(oldest)
    }
    this.loaded.set(key, bytes)
    if (known !== undefined) return { cold: false, ms: 0 }
    const { modelLoadMs } = this.settings
    return { cold: true, ms: typeof modelLoadMs === 'number' ? modelLoadMs : (named(modelLoadMs, name) ?? 0) }
  }

  private bytesOf(folder: string, name: string): number {
    const { modelBytes, vramBytes } = this.settings
    return Math.min(named(modelBytes, name) ?? named(typicalBytes, folder) ?? smallModel, vramBytes)
  }

  clear(): void {
    this.loaded.clear()
  }
}

function named(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
