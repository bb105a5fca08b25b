import { modelTypes } from '@easel/contracts'
import type { ModelType } from '@easel/contracts'
import { folderOfType } from '../needs/file-folder.ts'

/** Which folder below the models folder a model of a type goes into: as ComfyUI has it, unless it is set otherwise. */
export class TypeFolders {
  private readonly overrides: ReadonlyMap<string, string>

  constructor(overrides: ReadonlyMap<string, string> = new Map()) {
    this.overrides = overrides
  }

  folderOf(type: ModelType): string {
    return this.overrides.get(type) ?? folderOfType[type]
  }

  list(): { type: ModelType; folder: string }[] {
    return modelTypes.map((type) => ({ type, folder: this.folderOf(type) }))
  }
}

const folderName = /^[\w][\w. -]{0,63}(\/[\w][\w. -]{0,63}){0,5}$/

/** One item of `lora=loras/mine,checkpoint=checkpoints`; undefined when it is none. */
export function parseTypeFolder(item: string): readonly [ModelType, string] | undefined {
  const at = item.indexOf('=')
  const type = item.slice(0, at).trim() as ModelType
  const folder = item.slice(at + 1).trim()
  return at > 0 && modelTypes.includes(type) && folderName.test(folder) ? [type, folder] : undefined
}

/** WanGP keeps its LoRAs by family: what their names say of it. Others lie in ComfyUI's folders. */
export function wangpFolder(fileName: string): string {
  const name = fileName.toLowerCase()
  if (!/lora|adapter/.test(name)) return 'ckpts'
  const known = wangpFamilies.find(([pattern]) => pattern.test(name))
  return known ? `loras_${known[1]}` : 'loras'
}

const wangpFamilies: readonly (readonly [RegExp, string])[] = [
  [/flux/, 'flux'],
  [/hunyuan|hyvid/, 'hunyuan'],
  [/ltx/, 'ltxv'],
  [/qwen/, 'qwen'],
  [/i2v/, 'i2v'],
]
