import type { Family } from './family.ts'
import { imageFamilies } from './image-families.ts'
import { movingFamilies } from './moving-families.ts'

export type { Family } from './family.ts'

export const families: readonly Family[] = [...imageFamilies, ...movingFamilies].map(
  ({ id, loras = [], ...entry }) => ({
    kind: 'image',
    architecture: id,
    civitaiBaseModels: [],
    baseRepos: [],
    ...entry,
    id,
    loraFamilies: [id, ...loras.filter((lora) => lora !== id)],
  }),
)

const byId: ReadonlyMap<string, Family> = new Map(families.map((family) => [family.id, family]))

export function familyById(id: string): Family | undefined {
  return byId.get(id)
}

/** The families that a value of CivitAI's `baseModel` may mean. */
export function familiesOfBaseModel(baseModel: string): readonly Family[] {
  const wanted = baseModel.trim().toLowerCase()
  return families.filter(({ civitaiBaseModels }) =>
    civitaiBaseModels.some((name) => name.toLowerCase() === wanted),
  )
}
