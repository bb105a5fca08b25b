import type { GraphWalk } from './graph-walk.ts'

export type PromptSide = 'positive' | 'negative'

const written = /(^|[._])(text|prompt|string|value|str|clip_l|clip_g|t5xxl|bert|mt5xl|llama)/
/** What leads to a conditioning without being a part of its text. */
const besides =
  /^(clip|model|vae|image|images|pixels|latent|samples|mask|control_net|style_model|clip_vision)/

/** The texts that a sampler's side is made from, in the order of the links. */
export function promptText(walk: GraphWalk, sampler: string, side: PromptSide): string | undefined {
  const starts = startsOf(walk, sampler, side)
  const other = side === 'positive' ? 'negative' : 'positive'
  const way = walk.upstream(starts, (name, id) => {
    // A conditioning of zeros says nothing, whatever it was made from.
    if (/ZeroOut/i.test(walk.node(id)!.class_type)) return false
    return name !== other && !besides.test(name)
  })
  const texts = way.flatMap((id) => textsOf(walk, id))
  return texts.length > 0 ? [...new Set(texts)].join('\n') : undefined
}

function startsOf(walk: GraphWalk, sampler: string, side: PromptSide): string[] {
  const direct = walk.origin(sampler, side)
  if (direct !== undefined) return [direct]
  const guider = walk.origin(sampler, 'guider')
  if (guider === undefined) return []
  const names = side === 'positive' ? ['positive', 'conditioning', 'cond1', 'cond2'] : ['negative']
  return names.flatMap((name) => walk.origin(guider, name) ?? [])
}

function textsOf(walk: GraphWalk, id: string): string[] {
  const node = walk.node(id)!
  return Object.entries(node.inputs).flatMap(([name, value]) =>
    typeof value === 'string' && written.test(name) && value.trim() !== '' ? [value.trim()] : [],
  )
}
