import { isLink } from '@easel/comfyui'
import type { Graph, GraphNode, GraphValue } from '@easel/comfyui'

/** Follows links of a graph against their direction. Nothing is taken for granted: graphs come from files too. */
export class GraphWalk {
  readonly #graph: Graph

  constructor(graph: Graph) {
    this.#graph = graph
  }

  node(id: string): GraphNode | undefined {
    const node = Object.hasOwn(this.#graph, id) ? this.#graph[id] : undefined
    return typeof node?.inputs === 'object' && node.inputs !== null ? node : undefined
  }

  input(id: string, name: string): GraphValue | undefined {
    const node = this.node(id)
    return node && Object.hasOwn(node.inputs, name) ? node.inputs[name] : undefined
  }

  /** The node that an input is linked to. */
  origin(id: string, name: string): string | undefined {
    const link = this.input(id, name)
    return isLink(link) && this.node(link[0]) ? link[0] : undefined
  }

  /** The starts and all that leads to them, nearest first; `through` says which inputs are followed. */
  upstream(starts: readonly string[], through: (name: string, id: string) => boolean = () => true): string[] {
    const seen = new Set(starts.filter((id) => this.node(id)))
    for (const id of seen) {
      for (const name of Object.keys(this.node(id)!.inputs)) {
        const from = through(name, id) ? this.origin(id, name) : undefined
        if (from !== undefined) seen.add(from)
      }
    }
    return [...seen]
  }

  /** Nodes that no other takes anything from: where a graph ends. */
  ends(): string[] {
    const ids = Object.keys(this.#graph).filter((id) => this.node(id))
    const used = new Set(
      ids.flatMap((id) => Object.keys(this.node(id)!.inputs).map((name) => this.origin(id, name))),
    )
    return ids.filter((id) => !used.has(id))
  }

  /** The nodes of that name as a graph. */
  part(ids: readonly string[]): Graph {
    return Object.fromEntries(ids.map((id) => [id, this.node(id)!]))
  }
}
