import type { CollectionView } from '@easel/client'
import type { Recipe } from '../../lib/recipe.ts'

type Entry = CollectionView['entries'][number]

/** What Create is handed: the prompts, the words that each LoRA answers to, and those that are here. */
export function recipeOf(collection: Pick<CollectionView, 'prompt'>, entries: readonly Entry[]): Recipe {
  const here = entries.filter(({ state }) => state === 'installed')
  const prompt = [collection.prompt, ...here.map((entry) => entry.prompt)]
    .flatMap((text) => text?.trim().replace(/[\s,]+$/, '') || [])
    .join(', ')
  const triggerWords = [...new Set(here.flatMap(wordsOf))]
  return {
    ...(prompt !== '' && { prompt }),
    ...(triggerWords.length > 0 && { triggerWords }),
    loras: here.flatMap(({ fileName, weight }) => (fileName ? [{ name: fileName, weight }] : [])),
  }
}

/** What to write for it: what people chose, else the first of the words that are known. */
export function wordsOf({ trigger, triggerWords }: Pick<Entry, 'trigger' | 'triggerWords'>): string[] {
  return trigger ? [trigger] : triggerWords.slice(0, 1)
}

export const nameOfEntry = ({ name, title }: Pick<Entry, 'name' | 'title'>): string => name ?? title
