import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { stringifyJson } from '@easel/protocol'
import { easel } from '../../api/easel.ts'
import { live } from '../../api/live.ts'
import { queries } from '../../api/queries.ts'
import type { WorkflowAnalysis } from '@easel/client'

type Graph = Record<string, unknown>

const settleMs = 1_000

const keyOf = (graph: Graph) => ['inspect', hashOf(graph)] as const

const inspect = (graph: Graph) => ({
  queryKey: keyOf(graph),
  queryFn: () => easel.workflows.inspect(graph),
  staleTime: 60_000,
})

/** What the server says of a graph; asked anew when files or workers come that may change it. */
export function useAnalysis(graph: Graph) {
  const query = useQuery({ ...inspect(graph), placeholderData: (before) => before })
  const lacks = query.data && !isWhole(query.data)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = live.listen({
      event: ({ type }) => {
        const matters =
          /^library\.file|^download\.(completed|changed)/.test(type) || (lacks && type === 'worker.changed')
        if (!matters) return
        timer ??= setTimeout(() => {
          timer = undefined
          void queries.invalidateQueries({ queryKey: ['inspect'] })
        }, settleMs)
      },
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [lacks])
  return query
}

/** Of a graph that somebody has just brought. */
export const analyse = (graph: Graph): Promise<WorkflowAnalysis> => queries.fetchQuery(inspect(graph))

const isWhole = ({ live: isLive, missingNodes, faults }: WorkflowAnalysis): boolean =>
  isLive && missingNodes.length === 0 && faults.length === 0

/** Of its text, by 32-bit FNV-1a: only to tell one graph of a reader from another. */
function hashOf(graph: Graph): string {
  const text = stringifyJson(graph)
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  return `${text.length}-${hash.toString(16)}`
}
