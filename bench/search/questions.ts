import type { SearchModels } from '@easel/contracts'
import { vocabulary } from './synthetic-models.ts'

/** What is measured, and what of it is asked of whom. */
export type Question = {
  readonly text?: string
  readonly type?: SearchModels['type']
  readonly base?: string
  readonly tag?: string
  readonly facets?: boolean
}

export type Case = { readonly name: string; readonly next: () => Question }

/** The same questions in each run, none twice in a row. */
export function casesOf(): Case[] {
  const words = vocabulary(12_000)
  let state = 12_345
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
  const among = (from: number, count: number) => words[from + Math.floor(random() * count)]!
  const common = () => among(0, 40)
  const usual = () => among(40, 400)
  const rare = () => among(3_000, 9_000)
  return [
    { name: 'browse, most fetched', next: () => ({}) },
    { name: 'browse, type and base', next: () => ({ type: ['lora'], base: 'SDXL 1.0' }) },
    { name: 'tag', next: () => ({ tag: usual() }) },
    { name: 'common word', next: () => ({ text: common() }) },
    { name: 'usual word', next: () => ({ text: usual() }) },
    { name: 'rare word', next: () => ({ text: rare() }) },
    { name: 'two words', next: () => ({ text: `${common()} ${usual()}` }) },
    {
      name: 'type, base and word',
      next: () => ({ text: common(), type: ['lora'], base: 'SDXL 1.0' }),
    },
    {
      name: 'rare type, base and word',
      next: () => ({ text: usual(), type: ['vae'], base: 'Wan Video 14B t2v' }),
    },
    { name: 'typo', next: () => ({ text: slip(rare(), random()) }) },
    { name: 'facets, common word', next: () => ({ text: common(), facets: true }) },
    { name: 'facets, rare word', next: () => ({ text: rare(), facets: true }) },
    { name: 'facets of all', next: () => ({ facets: true }) },
  ]
}

export function typedBeginnings(): () => string {
  const words = vocabulary(12_000)
  let turn = 0
  return () => words[(turn++ * 37) % 6_000]!.slice(0, 3 + (turn % 3))
}

/** Two neighbours change places. */
function slip(word: string, at: number): string {
  const index = 1 + Math.floor(at * (word.length - 2))
  return `${word.slice(0, index)}${word[index + 1] ?? ''}${word[index]}${word.slice(index + 2)}`
}
