import type { ModelType } from '@easel/contracts'
import { familiesOfBaseModel, families, familyById } from '../../families/families.ts'
import type { CommercialUse } from '../source-model.ts'
import type { SourceQuery } from '../source.ts'

/* CivitAI's own words for ours, and back. What it may add is passed through, never refused. */

const typeNames: Readonly<Record<ModelType, readonly string[]>> = {
  checkpoint: ['Checkpoint'],
  'diffusion-model': ['Checkpoint'],
  lora: ['LORA'],
  locon: ['LoCon'],
  dora: ['DoRA'],
  embedding: ['TextualInversion'],
  vae: ['VAE'],
  'text-encoder': ['Other'],
  'clip-vision': ['Other'],
  controlnet: ['Controlnet'],
  upscaler: ['Upscaler'],
  'motion-module': ['MotionModule'],
  hypernetwork: ['Hypernetwork'],
  detection: ['Detection'],
  workflow: ['Workflows'],
  wildcards: ['Wildcards'],
  poses: ['Poses'],
  other: ['Other', 'AestheticGradient'],
}

const typeOfName: ReadonlyMap<string, ModelType> = new Map(
  (Object.entries(typeNames) as [ModelType, readonly string[]][])
    .filter(([type]) => !['diffusion-model', 'text-encoder', 'clip-vision'].includes(type))
    .flatMap(([type, names]) => names.map((name) => [name.toLowerCase(), type] as const)),
)

export function typeOf(name: string | null): ModelType {
  return typeOfName.get((name ?? '').toLowerCase()) ?? 'other'
}

export function typesFor(types: readonly ModelType[]): string[] {
  return unique(types.flatMap((type) => typeNames[type]))
}

/** A family gives all names of its base models; a name is written as CivitAI writes it. */
export function baseModelsFor(bases: readonly string[]): string[] {
  return unique(
    bases.flatMap((base) => {
      const family =
        familyById(base) ?? families.find(({ name }) => name.toLowerCase() === base.toLowerCase())
      if (family && family.civitaiBaseModels.length > 0) return family.civitaiBaseModels
      const known = familiesOfBaseModel(base).flatMap(({ civitaiBaseModels }) => civitaiBaseModels)
      return [known.find((name) => name.toLowerCase() === base.toLowerCase()) ?? base]
    }),
  )
}

export const sortNames: Readonly<Record<NonNullable<SourceQuery['sort']>, string>> = {
  relevance: 'Most Downloaded',
  downloads: 'Most Downloaded',
  likes: 'Most Liked',
  rating: 'Highest Rated',
  newest: 'Newest',
  oldest: 'Oldest',
  trending: 'Most Downloaded',
  updated: 'Newest',
}

export const periodNames: Readonly<Record<NonNullable<SourceQuery['period']>, string>> = {
  day: 'Day',
  week: 'Week',
  month: 'Month',
  year: 'Year',
  all: 'AllTime',
}

export const commercialNames: Readonly<Record<CommercialUse, string>> = {
  image: 'Image',
  'rent-civitai': 'RentCivit',
  rent: 'Rent',
  sell: 'Sell',
}

/** A list today, `"{Image,Rent}"` in other answers; in old ones a single word, which allows all below it, too. */
export function commercialUsesOf(value: unknown): CommercialUse[] | null {
  const uses = Object.keys(commercialNames) as CommercialUse[]
  if (typeof value === 'string' && !value.startsWith('{')) {
    return uses.slice(0, uses.findIndex((use) => commercialNames[use] === value) + 1)
  }
  const names = typeof value === 'string' ? value.replaceAll(/[{}\s"]/g, '').split(',') : value
  return Array.isArray(names) ? uses.filter((use) => names.includes(commercialNames[use])) : null
}

const levelWords: Readonly<Record<string, number>> = { None: 1, Soft: 2, Mature: 4, X: 8 }

/** Bits of an image: a number today, a word in older answers. */
export function levelOf(number: number | null, word: unknown): number {
  if (number !== null) return number
  return typeof word === 'string' && Object.hasOwn(levelWords, word) ? levelWords[word]! : 1
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}
