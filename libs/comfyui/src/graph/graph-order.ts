import { isLink, type Graph } from './graph.ts'

/** Ids of the nodes that a node takes something from. */
export function originsOf(graph: Graph, nodeId: string): string[] {
  if (!Object.hasOwn(graph, nodeId)) return []
  const links = Object.values(graph[nodeId]!.inputs).filter(isLink)
  return links.map(([origin]) => origin).filter((origin) => Object.hasOwn(graph, origin))
}

/** The nodes of one circle of links, the first repeated at the end; undefined when there is none. */
export function findCycle(graph: Graph): string[] | undefined {
  const done = new Set<string>()
  for (const root of Object.keys(graph)) {
    // Depth first without recursion: a chain of 10 000 nodes is allowed.
    const path: { id: string; rest: string[] }[] = done.has(root)
      ? []
      : [{ id: root, rest: originsOf(graph, root) }]
    const onPath = new Set(path.map(({ id }) => id))
    while (path.length > 0) {
      const top = path.at(-1)!
      const next = top.rest.pop()
      if (next === undefined) {
        done.add(top.id)
        onPath.delete(top.id)
        path.pop()
      } else if (onPath.has(next)) {
        const ids = path.map(({ id }) => id)
        return [...ids.slice(ids.indexOf(next)), next]
      } else if (!done.has(next)) {
        onPath.add(next)
        path.push({ id: next, rest: originsOf(graph, next) })
      }
    }
  }
  return undefined
}

/** The node and all that it is made from. */
export function upstreamOf(graph: Graph, nodeId: string): Set<string> {
  const seen = new Set([nodeId])
  for (const id of seen) for (const origin of originsOf(graph, id)) seen.add(origin)
  return seen
}
