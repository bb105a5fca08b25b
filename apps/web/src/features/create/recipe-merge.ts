import { exactNumber, valueOf, withValue } from './form-model.ts'
import { readSamplerName, readSchedulerName } from './sampler-names.ts'
import type { ParameterView } from '@easel/client'
import type { Recipe } from '../../lib/recipe.ts'
import type { Value, Values } from './form-model.ts'

export type Merged = {
  values: Values
  /** What went in, in words: `prompt`, `seed`. */
  used: string[]
  /** What did not, with the reason. */
  unused: string[]
}

/** Puts into the form what a recipe says and the workflow has an input for. */
export function mergeRecipe(parameters: readonly ParameterView[], values: Values, recipe: Recipe): Merged {
  const merge = new Merge(parameters, values)
  merge.prompts(recipe)
  merge.numbers(recipe)
  merge.sampler(recipe)
  merge.models(recipe)
  return { values: merge.values, used: merge.used, unused: merge.unused }
}

const numbers = ['steps', 'cfg', 'width', 'height'] as const
const numberWords: Record<(typeof numbers)[number], string> = {
  steps: 'steps',
  cfg: 'CFG',
  width: 'width',
  height: 'height',
}

class Merge {
  readonly used: string[] = []
  readonly unused: string[] = []
  values: Values
  private readonly parameters: readonly ParameterView[]

  constructor(parameters: readonly ParameterView[], values: Values) {
    this.parameters = parameters
    this.values = values
  }

  prompts({ prompt, negative, triggerWords = [] }: Recipe): void {
    const target = this.find(({ role }) => role === 'positive') ?? this.find(isPrompt)
    if (prompt !== undefined) this.put(target, prompt, 'prompt')
    if (negative !== undefined)
      this.put(
        this.find(({ role }) => role === 'negative'),
        negative,
        'negative prompt',
      )
    if (triggerWords.length === 0) return
    if (!target) return void this.unused.push('trigger words: this workflow has no prompt')
    const text = String(valueOf(target, this.values) ?? '')
    const missing = triggerWords.filter((word) => !text.toLowerCase().includes(word.toLowerCase()))
    if (missing.length > 0)
      this.set(target, [text.replace(/[\s,]+$/, ''), ...missing].filter(Boolean).join(', '))
    this.used.push('trigger words')
  }

  numbers(recipe: Recipe): void {
    if (recipe.seed !== undefined) {
      const seed = /^\d{1,20}$/.test(recipe.seed) ? exactNumber(BigInt(recipe.seed)) : undefined
      if (seed === undefined) this.unused.push('seed: it is no number')
      else
        this.put(
          this.find(({ control }) => control === 'seed'),
          seed,
          'seed',
        )
    }
    for (const name of numbers) {
      const value = recipe[name]
      if (value === undefined) continue
      const target = this.find(({ role, input }) => role === name || input === name)
      this.put(target, target ? fitted(target, value) : value, numberWords[name])
    }
  }

  sampler(recipe: Recipe): void {
    const { sampler, scheduler } = recipe.sampler === undefined ? {} : readSamplerName(recipe.sampler)
    if (sampler !== undefined)
      this.choose(['sampler_name', 'sampler'], sampler, `sampler “${recipe.sampler}”`)
    const schedule = recipe.scheduler === undefined ? scheduler : readSchedulerName(recipe.scheduler)
    if (schedule !== undefined) this.choose(['scheduler'], schedule, `scheduler “${schedule}”`)
  }

  models({ model, loras = [] }: Recipe): void {
    if (model !== undefined) this.choose(['ckpt_name', 'unet_name', 'model_name'], model, `model “${model}”`)
    const slots = this.parameters.filter(({ input }) => /^lora_?name/.test(input))
    for (const [index, { name, weight }] of loras.entries()) {
      const slot = slots[index]
      const chosen = slot && choiceOf(slot, name)
      if (!slot || chosen === undefined) {
        this.unused.push(`LoRA “${name}”: ${slot ? 'it is not here' : 'this workflow has no place for it'}`)
        continue
      }
      this.set(slot, chosen)
      const strengths = this.parameters.filter(
        ({ node, input }) => node === slot.node && input.startsWith('strength'),
      )
      if (weight !== undefined) for (const strength of strengths) this.set(strength, weight)
      this.used.push(`LoRA “${name}”`)
    }
  }

  private choose(inputs: readonly string[], name: string, what: string): void {
    const targets = this.parameters.filter(({ input }) => inputs.includes(input))
    const target = targets.find((each) => choiceOf(each, name) !== undefined)
    if (target) this.put(target, choiceOf(target, name)!, what)
    else
      this.unused.push(
        `${what}: ${targets.length === 0 ? 'this workflow has no input for it' : 'it is not here'}`,
      )
  }

  private find(is: (parameter: ParameterView) => boolean): ParameterView | undefined {
    return this.parameters.find(is)
  }

  private put(target: ParameterView | undefined, value: Value, what: string): void {
    if (!target) return void this.unused.push(`${what}: this workflow has no input for it`)
    this.set(target, value)
    this.used.push(what)
  }

  private set(target: ParameterView, value: Value): void {
    this.values = withValue(this.values, target, value)
  }
}

const isPrompt = ({ control, role, input }: ParameterView): boolean =>
  role !== 'negative' && (control === 'multiline' || (control === 'text' && /prompt|^text$/.test(input)))

/** Within the bounds, and on a step where the input has some. */
function fitted({ min, max, step, control }: ParameterView, value: number): number {
  const low = typeof min === 'number' ? min : -Infinity
  const high = typeof max === 'number' ? max : Infinity
  const grid = typeof step === 'number' && step > 0 && control === 'integer' ? step : undefined
  const onGrid = grid === undefined ? value : Math.round(value / grid) * grid
  return Math.min(high, Math.max(low, onGrid))
}

/** The choice of this name: as it is, else whatever its folder, ending and case. */
function choiceOf({ choices }: ParameterView, name: string): string | undefined {
  const all = Array.isArray(choices)
    ? choices.filter((choice): choice is string => typeof choice === 'string')
    : []
  return all.find((choice) => choice === name) ?? all.find((choice) => plain(choice) === plain(name))
}

const plain = (name: string): string =>
  name
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.(safetensors|sft|gguf|ckpt|pt|pth|bin)$/i, '')
    .toLowerCase()
