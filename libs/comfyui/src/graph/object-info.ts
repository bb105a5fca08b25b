/** A node class as `/object_info` describes it. Everything is optional in practice: custom nodes forget. */
export type NodeInfo = {
  input?: {
    required?: Record<string, unknown>
    optional?: Record<string, unknown>
    hidden?: Record<string, unknown>
  }
  input_order?: { required?: string[]; optional?: string[] }
  output?: (string | string[])[]
  output_is_list?: boolean[]
  output_name?: string[]
  name?: string
  display_name?: string
  description?: string
  category?: string
  output_node?: boolean
  deprecated?: boolean
  experimental?: boolean
  api_node?: boolean
  python_module?: string
  [key: string]: unknown
}

export type ObjectInfo = Record<string, NodeInfo>

export function nodeInfoOf(objectInfo: ObjectInfo, classType: string): NodeInfo | undefined {
  return Object.hasOwn(objectInfo, classType) ? objectInfo[classType] : undefined
}
