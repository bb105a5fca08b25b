import { isGiven } from '../../lib/given.ts'
import type { ExampleView, ModelView, VersionView } from '@easel/client'
import type { Recipe } from '../../lib/recipe.ts'

const loraInPrompt = /<(?:lora|lyco|lycoris):([^:<>]{1,200})(?::(-?[\d.]+))?[^<>]*>/gi

/** How an example was made, for Create; undefined when its maker told nothing that can be used there. */
export function recipeOf(
  example: ExampleView,
  { model, version }: { model: ModelView; version: VersionView },
): Recipe | undefined {
  const facts = example.meta ?? {}
  const { prompt, loras } = promptOf(example.prompt)
  const size = /^(\d{2,5})\s*x\s*(\d{2,5})$/i.exec(textOf(facts['size']) ?? textOf(facts['Size']) ?? '')
  const recipe: Recipe = defined({
    prompt,
    negative: textOf(example.negative),
    seed: seedOf(facts['seed']),
    steps: numberOf(facts['steps']),
    cfg: numberOf(facts['cfg']) ?? numberOf(facts['cfgScale']),
    sampler: textOf(facts['sampler']),
    scheduler: textOf(facts['scheduler']) ?? textOf(facts['Schedule type']),
    width: size ? Number(size[1]) : undefined,
    height: size ? Number(size[2]) : undefined,
    model: model.type === 'checkpoint' ? nameOf(version) : (textOf(facts['model']) ?? textOf(facts['Model'])),
    loras: lorasIn(facts['loras']) ?? loras,
  })
  return Object.keys(recipe).length === 0 ? undefined : recipe
}

/** ComfyUI does not read `<lora:…>`: they are taken out, and told beside it. */
function promptOf(text: string | null | undefined): Pick<Recipe, 'prompt' | 'loras'> {
  if (!isGiven(text)) return {}
  const found = [...text.matchAll(loraInPrompt)].map(([, name, weight]) => lora(name!, numberOf(weight)))
  const prompt = text
    .replaceAll(loraInPrompt, '')
    .replaceAll(/[ \t]{2,}/g, ' ')
    .replaceAll(/[ \t]+,/g, ',')
    .replaceAll(/(,\s*){2,}/g, ', ')
    .replaceAll(/^[\s,]+|[\s,]+$/g, '')
  return { ...(prompt !== '' && { prompt }), ...(found.length > 0 && { loras: found }) }
}

function lorasIn(value: unknown): Recipe['loras'] {
  if (!Array.isArray(value)) return undefined
  const found = value.flatMap((each: unknown) => {
    const { name, weight } = (each ?? {}) as { name?: unknown; weight?: unknown }
    return typeof name === 'string' && name !== '' ? [lora(name, numberOf(weight))] : []
  })
  return found.length > 0 ? found : undefined
}

const lora = (name: string, weight: number | undefined) => ({
  name,
  ...(weight !== undefined && { weight }),
})

const nameOf = ({ files }: VersionView) => (files.find(({ primary }) => primary) ?? files[0])?.name

/** A seed may be larger than a number can hold. */
function seedOf(value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : textOf(value)
  return text !== undefined && /^\d{1,20}$/.test(text) ? text : undefined
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined

function defined(recipe: { [K in keyof Recipe]: Recipe[K] | undefined }): Recipe {
  return Object.fromEntries(Object.entries(recipe).filter(([, value]) => value !== undefined)) as Recipe
}
