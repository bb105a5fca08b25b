import { readGraph } from '@easel/comfyui'
import { canRead, newId, notFound, requireWrite, stringifyJson } from '@easel/protocol'
import type {
  CreateWorkflow,
  GetWorkflow,
  ListWorkflows,
  UpdateWorkflow,
  WorkflowPage,
  WorkflowVersions,
  WorkflowView,
} from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import type { Workflow, WorkflowVersion } from '../../generated/prisma/client.ts'
import { readCursor, writeCursor } from '../jobs/cursor.ts'
import { graphLimits, refusal, refuseOtherFormats } from '../jobs/graph-check.ts'
import { textFaults } from '../jobs/text-faults.ts'
import { toWorkflowView } from './workflow-view.ts'
import type { WorkflowsRepository } from './workflows.repository.ts'

const defaultLimit = 50
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export class WorkflowsService {
  constructor(private readonly workflows: WorkflowsRepository) {}

  async create(actor: Actor, input: CreateWorkflow): Promise<WorkflowView> {
    const spaceId = input.spaceId ?? actor.personalSpaceId
    requireWrite(actor, spaceId)
    refuseTexts(input)
    const graph = graphText(input.graph)
    const { name, description = null } = input
    const row = await this.workflows.create(
      { id: newId(), name, description, version: 1, spaceId, createdBy: actor.userId },
      graph,
    )
    return toWorkflowView(row, graph)
  }

  async get(actor: Actor, input: GetWorkflow): Promise<WorkflowView> {
    const workflow = await this.readable(actor, input.id)
    const version = await this.versionOf(workflow, input.version)
    return { ...toWorkflowView(workflow, version.graph), version: version.version }
  }

  async getVersion(actor: Actor, input: GetWorkflow): Promise<WorkflowVersion> {
    return this.versionOf(await this.readable(actor, input.id), input.version)
  }

  async list(actor: Actor, input: ListWorkflows): Promise<WorkflowPage> {
    const limit = input.limit ?? defaultLimit
    const mine = actor.role === 'admin' ? undefined : Object.keys(actor.spaces)
    const spaceIds = input.spaceId === undefined ? mine : [input.spaceId].filter((id) => canRead(actor, id))
    const beforeSeq = input.cursor === undefined ? undefined : readCursor(input.cursor)
    const rows = await this.workflows.list({ spaceIds, words: input.q, beforeSeq }, limit + 1)
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    return {
      items: shown.map((row) => toWorkflowView(row)),
      nextCursor: last ? writeCursor(String(last.seq)) : null,
    }
  }

  async update(actor: Actor, { id, graph, ...words }: UpdateWorkflow): Promise<WorkflowView> {
    const workflow = await this.readable(actor, id)
    requireWrite(actor, workflow.spaceId)
    refuseTexts(words)
    if (graph === undefined) {
      const row = await this.workflows.rename(id, words)
      return toWorkflowView(row, (await this.versionOf(row, undefined)).graph)
    }
    const text = graphText(graph)
    const row = await this.workflows.addVersion(
      { workflowId: id, graph: text, createdBy: actor.userId },
      words,
    )
    return toWorkflowView(row, text)
  }

  async remove(actor: Actor, id: string): Promise<void> {
    const workflow = await this.readable(actor, id)
    requireWrite(actor, workflow.spaceId)
    await this.workflows.remove(workflow.id)
  }

  async listVersions(actor: Actor, id: string): Promise<WorkflowVersions> {
    const workflow = await this.readable(actor, id)
    const rows = await this.workflows.listVersions(workflow.id)
    return {
      items: rows.map(({ version, createdBy, createdAt }) => ({
        version,
        createdBy,
        createdAt: createdAt.toISOString(),
      })),
    }
  }

  private async readable(actor: Actor, id: string): Promise<Workflow> {
    const workflow = uuid.test(id) ? await this.workflows.find(id) : null
    if (!workflow || !canRead(actor, workflow.spaceId)) throw notFound('workflow', 'WORKFLOW_NOT_FOUND')
    return workflow
  }

  private async versionOf(workflow: Workflow, version = workflow.version): Promise<WorkflowVersion> {
    const found = await this.workflows.findVersion(workflow.id, version)
    if (!found) throw notFound('workflow', 'WORKFLOW_NOT_FOUND')
    return found
  }
}

/** Only its structure is checked: it may be meant for a server that is not there today. */
function graphText(document: unknown): string {
  refuseOtherFormats(document)
  const { graph } = readGraph(document, graphLimits)
  const faults = textFaults(graph, 'workflow')
  if (faults.length > 0) throw refusal(faults)
  return stringifyJson(graph)
}

function refuseTexts({ name, description }: { name?: string; description?: string }): void {
  const faults = [...textFaults(name ?? '', 'name'), ...textFaults(description ?? '', 'description')]
  if (faults.length > 0) throw refusal(faults)
}
