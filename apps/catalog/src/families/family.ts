/** A line of models that share their prompts and their LoRAs. */
export type Family = {
  readonly id: string
  readonly name: string
  readonly kind: 'image' | 'video' | 'audio' | '3d'
  /** Families of one architecture have the same tensors: only names tell them apart. */
  readonly architecture: string
  /** CivitAI's own values of `baseModel`. Some name more than one family; the first in the table is meant then. */
  readonly civitaiBaseModels: readonly string[]
  /** What models on Hugging Face name as `base_model:`. */
  readonly baseRepos: readonly string[]
  /** Whose LoRAs its models load: its own first. */
  readonly loraFamilies: readonly string[]
}

/** What is not said: an image family of its own architecture, whose models load its own LoRAs. */
export type FamilyEntry = Pick<Family, 'id' | 'name'> &
  Partial<Omit<Family, 'loraFamilies'>> & { loras?: readonly string[] }
