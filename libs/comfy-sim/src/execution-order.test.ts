import { expect, test } from 'vitest'
import { ExecutionOrder } from './execution-order.ts'
import type { PromptGraph } from './prompt-queue.ts'

const graph = (links: Readonly<Record<string, readonly string[]>>): PromptGraph =>
  Object.fromEntries(
    Object.entries(links).map(([id, from]) => [
      id,
      {
        class_type: 'Any',
        inputs: Object.fromEntries(from.map((origin, index) => [`in${index}`, [origin, 0]])),
      },
    ]),
  )

function run(prompt: PromptGraph, outputs: readonly string[], cached: readonly string[] = []): string[] {
  const order = new ExecutionOrder(prompt, outputs, {
    cached: (id) => cached.includes(id),
    output: (id) => outputs.includes(id),
  })
  const ran: string[] = []
  for (let id = order.next(); id !== undefined; id = order.next()) ran.push(id)
  return ran
}

/** The order a recording of a text-to-image graph shows; it is not the order of the JSON. */
test('a text-to-image graph runs loader, latent, negative, positive, sampler', () => {
  const prompt = graph({ 3: ['4', '6', '7', '5'], 4: [], 5: [], 6: ['4'], 7: ['4'], 8: ['3', '4'], 9: ['8'] })

  expect(run(prompt, ['9'])).toEqual(['4', '5', '7', '6', '3', '8', '9'])
})

test('a cached node does not run, a cached output does', () => {
  const prompt = graph({ 1: [], 2: ['1'], 3: ['1'], 4: ['3'] })

  expect(run(prompt, ['2', '4'], ['1', '2'])).toEqual(['2', '3', '4'])
})

test('what no output needs does not run', () => {
  expect(run(graph({ 1: [], 2: ['1'], 3: [] }), ['2'])).toEqual(['1', '2'])
})
