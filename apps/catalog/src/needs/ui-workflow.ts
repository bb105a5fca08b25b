/** A node of a workflow in UI format: its widgets by name where the file tells names, else by number. */
export type UiNode = {
  id: string
  type: string
  widgets: { name: string; value: string | { [key: string]: string | boolean } }[]
}

type Json = Record<string, unknown>

const deepest = 8
const mostNodes = 20_000
const muted: ReadonlySet<unknown> = new Set([2, 4])

export function isUiWorkflow(workflow: Json): boolean {
  return Array.isArray(workflow.nodes)
}

/** Of the workflow and of its subgraphs, where they are used. What is muted or bypassed needs no files. */
export function nodesOfUi(workflow: Json): UiNode[] {
  const definitions = isJson(workflow.definitions) ? listOf(workflow.definitions.subgraphs) : []
  const subgraphs = new Map(
    definitions.flatMap((item) => (typeof item.id === 'string' ? [[item.id, item]] : [])),
  )
  const nodes: UiNode[] = []
  const add = (graph: Json, prefix: string, depth: number): void => {
    for (const node of listOf(graph.nodes)) {
      if (nodes.length >= mostNodes) return
      if (muted.has(node.mode) || typeof node.type !== 'string') continue
      const id = `${prefix}${String(node.id).slice(0, 50)}`
      const inner = subgraphs.get(node.type)
      if (inner && depth < deepest) add(inner, `${id}:`, depth + 1)
      nodes.push({ id, type: node.type.slice(0, 200), widgets: widgetsOf(node) })
    }
  }
  add(workflow, '', 0)
  return nodes
}

function widgetsOf(node: Json): UiNode['widgets'] {
  const values = node.widgets_values
  if (isJson(values)) return Object.entries(values).flatMap(([name, value]) => widget(name, value))
  if (!Array.isArray(values)) return []
  // Names are right only when every widget has one: a seed has a second value that is none.
  const names = listOf(node.inputs).flatMap(({ widget: own }) =>
    isJson(own) && typeof own.name === 'string' ? [own.name] : [],
  )
  const named = names.length === values.length
  return values.slice(0, 500).flatMap((value, index) => widget(named ? names[index]! : `#${index}`, value))
}

function widget(name: string, value: unknown): UiNode['widgets'] {
  if (typeof value === 'string') return [{ name, value }]
  if (!isJson(value)) return []
  // `{ on: true, lora: 'x.safetensors' }`, as some packs have them.
  const texts = Object.entries(value).filter(
    (item): item is [string, string | boolean] => typeof item[1] === 'string' || typeof item[1] === 'boolean',
  )
  return [{ name, value: Object.fromEntries(texts) }]
}

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : [])
