import { parseJson } from '@easel/protocol'
import type { GraphJson, WorkflowView } from '@easel/contracts'
import type { Workflow } from '../../generated/prisma/client.ts'

/** @param graph JSON text; left out of lists. */
export function toWorkflowView(row: Workflow, graph?: string): WorkflowView {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    version: row.version,
    ...(graph !== undefined && { graph: parseJson(graph) as GraphJson }),
    spaceId: row.spaceId,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
