import type { CallOptions, Connection } from './connection.ts'
import type {
  CreateWorkflow,
  GetWorkflowsQuery,
  UpdateWorkflow,
  WorkflowAnalysis,
  WorkflowPage,
  WorkflowVersions,
  WorkflowView,
} from './api-schemas.ts'

export class Workflows {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  create(workflow: CreateWorkflow, options: CallOptions = {}): Promise<WorkflowView> {
    return this.#connection.json('POST', '/api/workflows', { json: workflow, ...options })
  }

  list(query: GetWorkflowsQuery = {}): Promise<WorkflowPage> {
    return this.#connection.json('GET', '/api/workflows', { query })
  }

  get(id: string, version?: number): Promise<WorkflowView> {
    return this.#connection.json('GET', pathOf(id), { query: { version } })
  }

  update(id: string, change: UpdateWorkflow): Promise<WorkflowView> {
    return this.#connection.json('PATCH', pathOf(id), { json: change })
  }

  delete(id: string): Promise<void> {
    return this.#connection.json('DELETE', pathOf(id))
  }

  versions(id: string): Promise<WorkflowVersions> {
    return this.#connection.json('GET', `${pathOf(id)}/versions`)
  }

  /** The inputs that can be set, and what the graph needs. */
  parameters(id: string, version?: number): Promise<WorkflowAnalysis> {
    return this.#connection.json('GET', `${pathOf(id)}/parameters`, { query: { version } })
  }

  /** The same of a graph that is not kept. */
  inspect(graph: Record<string, unknown>): Promise<WorkflowAnalysis> {
    return this.#connection.json('POST', '/api/workflows/inspect', { json: { graph } })
  }
}

function pathOf(id: string): string {
  return `/api/workflows/${encodeURIComponent(id)}`
}
