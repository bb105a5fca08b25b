import { isLink, type Graph, type GraphNode } from './graph.ts'
import { inputSpecsOf, typesMatch } from './input-spec.ts'
import { nodeInfoOf, type ObjectInfo } from './object-info.ts'

export type PromptRole = 'positive' | 'negative'

/** What a prompt travels as on its way from the text to the sampler. */
const carriers = 'CONDITIONING,STRING,GUIDER'

/**
 * Which texts are the prompt and which the negative prompt, by `<node id>.<input>`: by following the links of
 * whatever has a `positive` and a `negative` input; where that leads nowhere, by the title of the node.
 */
export function promptRoles(graph: Graph, objectInfo: ObjectInfo): Map<string, PromptRole> {
  const roles = new Map<string, PromptRole>()
  const ends = Object.entries(graph).filter(([, node]) => isLink(node.inputs.positive))
  // Positive last: a text that serves as both (zeroed out for the negative) is a prompt.
  for (const role of ['negative', 'positive'] as const) {
    for (const [nodeId] of ends) mark({ graph, objectInfo, role }, nodeId, roles)
  }
  for (const [nodeId, node] of Object.entries(graph)) {
    const role = roleOfTitle(node._meta?.title ?? '')
    if (!role) continue
    for (const key of textKeys(nodeId, node, objectInfo)) if (!roles.has(key)) roles.set(key, role)
  }
  return roles
}

type Search = { graph: Graph; objectInfo: ObjectInfo; role: PromptRole }

function mark({ graph, objectInfo, role }: Search, start: string, roles: Map<string, PromptRole>): void {
  const seen = new Set<string>()
  const queue = originsFor(graph[start]!, role, { graph, objectInfo })
  for (let nodeId = queue.pop(); nodeId !== undefined; nodeId = queue.pop()) {
    if (seen.has(nodeId)) continue
    seen.add(nodeId)
    const node = graph[nodeId]!
    for (const key of textKeys(nodeId, node, objectInfo)) roles.set(key, role)
    queue.push(...originsFor(node, role, { graph, objectInfo }))
  }
}

/** A node that passes both on (ControlNetApply) is followed on its own side only. */
function originsFor(
  node: GraphNode,
  role: PromptRole,
  { graph, objectInfo }: Omit<Search, 'role'>,
): string[] {
  const both = isLink(node.inputs.positive) && isLink(node.inputs.negative)
  const entries = Object.entries(node.inputs).filter(([name]) => !both || name === role)
  return entries.flatMap(([name, link]) => {
    if (!isLink(link) || !Object.hasOwn(graph, link[0])) return []
    if (!both && role === 'negative' && name === 'positive') return []
    const given = nodeInfoOf(objectInfo, graph[link[0]]!.class_type)?.output?.[link[1]]
    return given === undefined || typesMatch(given, carriers) ? [link[0]] : []
  })
}

/** The texts of a node that a person would write: multi-line ones, or those named so. */
function textKeys(nodeId: string, node: GraphNode, objectInfo: ObjectInfo): string[] {
  const info = nodeInfoOf(objectInfo, node.class_type)
  const specs = info && new Map(inputSpecsOf(info, node.inputs).map((spec) => [spec.name, spec]))
  return Object.entries(node.inputs).flatMap(([name, value]) => {
    if (typeof value !== 'string') return []
    const spec = specs?.get(name)
    if (specs && spec?.kind !== 'STRING') return []
    const written =
      spec?.options.multiline || /(^|[._])(text|prompt|value|string|clip_l|clip_g|t5xxl)/.test(name)
    return written ? [`${nodeId}.${name}`] : []
  })
}

function roleOfTitle(title: string): PromptRole | undefined {
  if (/\bneg(ative)?\b/i.test(title)) return 'negative'
  return /\bpos(itive)?\b/i.test(title) ? 'positive' : undefined
}
