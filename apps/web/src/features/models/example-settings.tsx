import { useNavigate } from '@tanstack/react-router'
import { Copy, WandSparkles } from 'lucide-react'
import { copyText } from '../../lib/copy.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { recipeOf } from './recipe-of.ts'
import type { ExampleView, ModelView, VersionView } from '@easel/client'

type SettingsProps = { example: ExampleView; model: ModelView; version: VersionView }

/** How an example was made, and the way to make one like it. */
export function ExampleSettings({ example, model, version }: SettingsProps) {
  const navigate = useNavigate()
  const recipe = recipeOf(example, { model, version })
  if (!recipe) return <p className="text-sm text-ink-2">Its maker did not say how it was made.</p>
  const { prompt, negative } = example
  const facts = [
    ['Seed', recipe.seed],
    ['Steps', recipe.steps],
    ['CFG', recipe.cfg],
    ['Sampler', [recipe.sampler, recipe.scheduler].filter(Boolean).join(', ') || undefined],
    ['Size', recipe.width && `${recipe.width} × ${recipe.height}`],
    ['Model', recipe.model],
    [
      'LoRAs',
      recipe.loras?.map(({ name, weight }) => (weight === undefined ? name : `${name} ${weight}`)).join(', '),
    ],
  ].filter((fact): fact is [string, string | number] => isGiven(fact[1]))
  return (
    <div className="flex flex-col gap-3 rounded-panel border p-3">
      {isGiven(prompt) && (
        <p className="max-h-40 overflow-y-auto whitespace-pre-wrap" dir="auto">
          {prompt}
        </p>
      )}
      {isGiven(negative) && negative !== '' && (
        <p className="max-h-24 overflow-y-auto text-sm whitespace-pre-wrap text-ink-2" dir="auto">
          <span className="font-medium text-ink">Not: </span>
          {negative}
        </p>
      )}
      {facts.length > 0 && (
        <dl className="nums grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-sm sm:grid-cols-[auto_1fr_auto_1fr]">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-2">{name}</dt>
              <dd className="min-w-0 truncate" title={String(value)}>
                {value}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          small
          look="primary"
          icon={<WandSparkles size={15} aria-hidden />}
          onClick={() => void navigate({ to: '/create', state: { recipe } })}
        >
          Use these
        </Button>
        {isGiven(prompt) && (
          <Button
            small
            icon={<Copy size={14} aria-hidden />}
            onClick={() =>
              void copyText(
                [prompt, isGiven(negative) && `Negative prompt: ${negative}`].filter(Boolean).join('\n'),
                'The prompt',
              )
            }
          >
            Copy the prompt
          </Button>
        )}
      </div>
    </div>
  )
}
