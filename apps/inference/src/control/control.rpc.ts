import { Done, requireActor } from '@easel/protocol'
import type {
  AccountId,
  CreateWorkflow,
  GetUsage,
  GetWorkflow,
  inference,
  InspectWorkflow,
  ListJobs,
  ListWorkflows,
  SetLimits,
  SubmitJob,
  UpdateWorkflow,
} from '@easel/contracts'
import type { ById, Nothing } from '@easel/contracts'
import type { CallContext, Handlers } from '@easel/protocol'
import type { AccountsService } from './accounts/accounts.service.ts'
import type { JobsService } from './jobs/jobs.service.ts'
import type { QueueService } from './jobs/queue.service.ts'
import type { SubmissionService } from './jobs/submission.service.ts'
import type { WorkersService } from './workers/workers.service.ts'
import type { AnalysisService } from './workflows/analysis.service.ts'
import type { WorkflowsService } from './workflows/workflows.service.ts'

export type ControlServices = {
  jobs: JobsService
  submissions: SubmissionService
  queue: QueueService
  workflows: WorkflowsService
  analysis: AnalysisService
  workers: WorkersService
  accounts: AccountsService
}

/** The contract `inference`: maps, never decides. */
export class ControlRpc implements Handlers<typeof inference> {
  constructor(private readonly services: ControlServices) {}

  async submitJob(input: SubmitJob, context: CallContext) {
    const { jobs, submissions } = this.services
    const job = await submissions.submit(requireActor(context), input)
    return job.attempt === 0 ? jobs.viewOfNew(job) : jobs.viewOf(job)
  }

  getJob({ id }: ById, context: CallContext) {
    return this.services.jobs.get(requireActor(context), id)
  }

  listJobs(input: ListJobs, context: CallContext) {
    return this.services.jobs.list(requireActor(context), input)
  }

  cancelJob({ id }: ById, context: CallContext) {
    return this.services.jobs.cancel(requireActor(context), id)
  }

  retryJob({ id }: ById, context: CallContext) {
    return this.services.jobs.retry(requireActor(context), id)
  }

  explainJob({ id }: ById, context: CallContext) {
    return this.services.jobs.explain(requireActor(context), id)
  }

  getJobGraph({ id }: ById, context: CallContext) {
    return this.services.jobs.getGraph(requireActor(context), id)
  }

  createWorkflow(input: CreateWorkflow, context: CallContext) {
    return this.services.workflows.create(requireActor(context), input)
  }

  listWorkflows(input: ListWorkflows, context: CallContext) {
    return this.services.workflows.list(requireActor(context), input)
  }

  getWorkflow(input: GetWorkflow, context: CallContext) {
    return this.services.workflows.get(requireActor(context), input)
  }

  updateWorkflow(input: UpdateWorkflow, context: CallContext) {
    return this.services.workflows.update(requireActor(context), input)
  }

  async deleteWorkflow({ id }: ById, context: CallContext) {
    await this.services.workflows.remove(requireActor(context), id)
    return new Done()
  }

  listWorkflowVersions({ id }: ById, context: CallContext) {
    return this.services.workflows.listVersions(requireActor(context), id)
  }

  analyzeWorkflow(input: GetWorkflow, context: CallContext) {
    return this.services.analysis.ofWorkflow(requireActor(context), input)
  }

  async inspectWorkflow({ graph }: InspectWorkflow, context: CallContext) {
    requireActor(context)
    return this.services.analysis.ofDocument(graph)
  }

  async listWorkers(_input: Nothing, context: CallContext) {
    return { items: await this.services.workers.list(requireActor(context)) }
  }

  async drainWorker({ id }: ById, context: CallContext) {
    await this.services.workers.drain(requireActor(context), id)
    return new Done()
  }

  async resumeWorker({ id }: ById, context: CallContext) {
    await this.services.workers.resume(requireActor(context), id)
    return new Done()
  }

  getUsage(input: GetUsage, context: CallContext) {
    return this.services.accounts.getUsage(requireActor(context), input)
  }

  getLimits(input: AccountId, context: CallContext) {
    return this.services.accounts.getLimits(requireActor(context), input)
  }

  setLimits(input: SetLimits, context: CallContext) {
    return this.services.accounts.setLimits(requireActor(context), input)
  }

  async listPools(_input: Nothing, context: CallContext) {
    requireActor(context)
    return this.services.queue.listPools()
  }
}
