import { useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { withValue } from './form-model.ts'
import { mergeRecipe } from './recipe-merge.ts'
import type { AssetDetail, ParameterView } from '@easel/client'
import type { ReactNode } from 'react'
import type { Recipe } from '../../lib/recipe.ts'
import type { FormOptions } from './form-options.ts'

function useHanded() {
  const { input } = useSearch({ from: '/studio/create' })
  const recipe = useLocation({ select: ({ state }) => state.recipe })
  const navigate = useNavigate({ from: '/create' })
  return {
    input,
    recipe,
    /** It is taken: it leaves the address and its state. */
    clear: () =>
      void navigate({
        search: ({ session }) => ({ ...(session !== undefined && { session }) }),
        state: (before) => Object.fromEntries(Object.entries(before).filter(([name]) => name !== 'recipe')),
        replace: true,
      }),
  }
}

/** What was handed over waits for a workflow. */
export function HandedNotice() {
  const { input, recipe, clear } = useHanded()
  if (input === undefined && recipe === undefined) return null
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-3 rounded-panel border bg-accent-soft px-4 py-3"
    >
      <p className="min-w-0 flex-1">
        {recipe === undefined ? 'Your picture goes' : 'The settings that you chose go'} into the workflow that
        you open here.
      </p>
      <Button small onClick={clear}>
        Forget {recipe === undefined ? 'it' : 'them'}
      </Button>
    </div>
  )
}

/** Takes what was handed over into the form, once. Gives a question when it has to be asked where to. */
export function useHandedIn(options: FormOptions): ReactNode {
  const { input, recipe, clear } = useHanded()
  const [asset, setAsset] = useState<AssetDetail>()
  const taken = useRef<unknown>(undefined)
  const { parameters } = options.analysis
  useEffect(() => {
    const handed = recipe ?? input
    if (handed === undefined) {
      taken.current = undefined
      return
    }
    if (taken.current === handed) return
    taken.current = handed
    if (recipe) takeRecipe(recipe, options)
    else
      easel.assets.get(input!).then((found) => {
        const places = placesFor(found, parameters)
        if (places.length > 1) setAsset(found)
        else put(found, places[0], options)
      }, tellError)
    clear()
  })
  if (!asset) return null
  return (
    <WhichInput
      asset={asset}
      places={placesFor(asset, parameters)}
      onChoose={(place) => {
        setAsset(undefined)
        if (place) put(asset, place, options)
      }}
    />
  )
}

function takeRecipe(recipe: Recipe, { draft, update, analysis }: FormOptions): void {
  const { values, used, unused } = mergeRecipe(analysis.parameters, draft.values, recipe)
  if (used.length === 0) {
    tell('Nothing of these settings fits this workflow', { description: unused.join('; ') })
    return
  }
  update({ ...draft, values, ...(recipe.seed !== undefined && { seeds: 'keep' as const }) })
  tell(`Taken over: ${used.join(', ')}`, {
    ...(unused.length > 0 && { description: `Left out: ${unused.join('; ')}` }),
    undo: () => update(draft),
  })
}

const placesFor = ({ kind }: AssetDetail, parameters: readonly ParameterView[]): ParameterView[] =>
  parameters.filter(
    ({ control }) => control === (kind === 'image' || kind === 'animation' ? 'image' : 'file'),
  )

function put(asset: AssetDetail, place: ParameterView | undefined, { draft, update }: FormOptions): void {
  if (!place) {
    tell('This workflow takes no such file', {
      description: 'It has no input for it. Open a workflow that loads one, and choose “Use as input” again.',
    })
    return
  }
  update({ ...draft, values: withValue(draft.values, place, `asset:${asset.id}`) })
  tell(`It is the input of “${place.nodeTitle}” now`, { undo: () => update(draft) })
}

function WhichInput({
  asset,
  places,
  onChoose,
}: {
  asset: AssetDetail
  places: readonly ParameterView[]
  onChoose: (place?: ParameterView) => void
}) {
  return (
    <Panel className="border-accent">
      <div role="group" aria-label="Which input" className="flex items-start gap-3 p-3">
        <img
          src={`/api/assets/${asset.id}/thumbnail?size=256`}
          alt=""
          className="size-16 shrink-0 rounded-control bg-inset object-cover"
        />
        <div className="flex min-w-0 flex-col gap-2">
          <p className="font-medium">Which input shall it be?</p>
          <div className="flex flex-wrap gap-2">
            {places.map((place) => (
              <Button small key={place.key} onClick={() => onChoose(place)}>
                {place.nodeTitle}
              </Button>
            ))}
            <Button small look="quiet" onClick={() => onChoose()}>
              None
            </Button>
          </div>
        </div>
      </div>
    </Panel>
  )
}
