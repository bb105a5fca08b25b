import {
  CreateWorkflow,
  GetWorkflow,
  InspectWorkflow,
  ListWorkflows,
  UpdateWorkflow,
  WorkflowAnalysis,
  WorkflowPage,
  WorkflowVersions,
  WorkflowView,
} from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { Services } from '../services.ts'
import type { FastifyRequest } from 'fastify'
import type { Controller, Route } from '../http/route.ts'

const graphReasons = ['GRAPH_INVALID', 'GRAPH_TOO_LARGE', 'UI_FORMAT']
const analyzeMs = 15_000

/** The id in the path is a field of the message. */
export function idOf(request: FastifyRequest): { id: string } {
  return { id: (request.params as { id: string }).id }
}

@Injectable()
export class WorkflowsController implements Controller {
  readonly area = 'workflows'
  readonly routes: readonly Route[] = [
    route({
      method: 'POST',
      path: '/workflows',
      access: 'jobs:write',
      summary: 'Keep a workflow',
      body: CreateWorkflow,
      answer: WorkflowView,
      status: 201,
      creates: true,
      reasons: [...graphReasons, 'SPACE_NOT_FOUND'],
      handle: ({ body, actor }) => this.services.inference.createWorkflow(body, { actor }),
    }),
    route({
      method: 'GET',
      path: '/workflows',
      access: 'jobs:read',
      summary: 'List workflows',
      query: ListWorkflows,
      answer: WorkflowPage,
      handle: ({ query, actor }) => this.services.inference.listWorkflows(query, { actor }),
    }),
    route({
      method: 'POST',
      path: '/workflows/inspect',
      access: 'jobs:read',
      summary: 'Say what a graph needs and which of its inputs can be set; nothing is stored',
      body: InspectWorkflow,
      answer: WorkflowAnalysis,
      reasons: graphReasons,
      handle: ({ body, actor }) =>
        this.services.inference.inspectWorkflow(body, { actor, timeoutMs: analyzeMs }),
    }),
    route({
      method: 'GET',
      path: '/workflows/:id',
      access: 'jobs:read',
      summary: 'Get a workflow with its graph, the newest version unless said',
      query: GetWorkflow,
      hidden: ['id'],
      given: idOf,
      answer: WorkflowView,
      reasons: ['WORKFLOW_NOT_FOUND'],
      handle: ({ query, actor }) => this.services.inference.getWorkflow(query, { actor }),
    }),
    route({
      method: 'PATCH',
      path: '/workflows/:id',
      access: 'jobs:write',
      summary: 'Change a workflow; another graph makes a new version',
      body: UpdateWorkflow,
      hidden: ['id'],
      given: idOf,
      answer: WorkflowView,
      reasons: [...graphReasons, 'WORKFLOW_NOT_FOUND'],
      handle: ({ body, actor }) => this.services.inference.updateWorkflow(body, { actor }),
    }),
    route({
      method: 'DELETE',
      path: '/workflows/:id',
      access: 'jobs:write',
      summary: 'Remove a workflow; its jobs stay',
      reasons: ['WORKFLOW_NOT_FOUND'],
      handle: async ({ params, actor }) => {
        await this.services.inference.deleteWorkflow({ id: params.id ?? '' }, { actor })
      },
    }),
    route({
      method: 'GET',
      path: '/workflows/:id/versions',
      access: 'jobs:read',
      summary: 'List the versions of a workflow',
      answer: WorkflowVersions,
      reasons: ['WORKFLOW_NOT_FOUND'],
      handle: ({ params, actor }) =>
        this.services.inference.listWorkflowVersions({ id: params.id ?? '' }, { actor }),
    }),
    route({
      method: 'GET',
      path: '/workflows/:id/parameters',
      access: 'jobs:read',
      summary: 'List the inputs of a workflow that can be set',
      query: GetWorkflow,
      hidden: ['id'],
      given: idOf,
      answer: WorkflowAnalysis,
      reasons: ['WORKFLOW_NOT_FOUND'],
      handle: ({ query, actor }) =>
        this.services.inference.analyzeWorkflow(query, { actor, timeoutMs: analyzeMs }),
    }),
  ]

  constructor(private readonly services: Services) {}
}
