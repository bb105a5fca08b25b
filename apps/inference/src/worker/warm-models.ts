import { modelFilesOf } from '@easel/comfyui'
import type { Graph } from '@easel/comfyui'

/** Which files of models ComfyUI probably holds in memory: those of the last prompt that ran and named any. */
export class WarmModels {
  #files: readonly string[] = []

  get files(): string[] {
    return [...this.#files]
  }

  ran(graph: Graph): void {
    const { models, loras } = modelFilesOf(graph)
    if (models.length > 0) this.#files = [...models, ...loras]
  }

  /** It is another process, or has freed its memory. */
  forget(): void {
    this.#files = []
  }
}
