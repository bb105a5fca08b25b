import { defineFact, defineService, Done, query, rpc } from '@easel/protocol'
import { ById, Nothing } from '../page.ts'
import { AccountId, GetUsage, LimitsView, SetLimits, UsageReport } from './account.messages.ts'
import { JobExplanation, JobGraph, JobPage, JobView, ListJobs } from './job.messages.ts'
import { SubmitJob } from './submit-job.messages.ts'
import {
  AttemptEnded,
  AttemptStarted,
  BeatReply,
  CancelAttempt,
  JobChanged,
  ObjectInfoReply,
  OutputsMade,
  WorkerBeat,
} from './worker.messages.ts'
import { PoolList, WorkerList } from './worker-view.messages.ts'
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
} from './workflow.messages.ts'

const graphReasons = ['GRAPH_INVALID', 'GRAPH_TOO_LARGE', 'UI_FORMAT', 'OVERRIDE_INVALID', 'ASSET_NOT_FOUND']

/** Jobs and workflows. Served by the control role. */
export const inference = defineService('inference', 1, {
  submitJob: rpc(SubmitJob, JobView, [
    ...graphReasons,
    'IDEMPOTENCY_KEY_REUSE',
    'WORKFLOW_NOT_FOUND',
    'SESSION_NOT_FOUND',
    'NOT_ALLOWED',
    'QUOTA_EXCEEDED',
    'BUDGET_EXCEEDED',
    'SPACE_NOT_FOUND',
  ]),
  getJob: query(ById, JobView, ['JOB_NOT_FOUND']),
  listJobs: query(ListJobs, JobPage),
  cancelJob: rpc(ById, JobView, ['JOB_NOT_FOUND']),
  retryJob: rpc(ById, JobView, [
    'JOB_NOT_FOUND',
    'JOB_NOT_FINISHED',
    'NOT_ALLOWED',
    'QUOTA_EXCEEDED',
    'BUDGET_EXCEEDED',
  ]),
  explainJob: query(ById, JobExplanation, ['JOB_NOT_FOUND']),
  getJobGraph: query(ById, JobGraph, ['JOB_NOT_FOUND']),
  createWorkflow: rpc(CreateWorkflow, WorkflowView, [...graphReasons, 'SPACE_NOT_FOUND']),
  listWorkflows: query(ListWorkflows, WorkflowPage),
  getWorkflow: query(GetWorkflow, WorkflowView, ['WORKFLOW_NOT_FOUND']),
  updateWorkflow: rpc(UpdateWorkflow, WorkflowView, [...graphReasons, 'WORKFLOW_NOT_FOUND']),
  deleteWorkflow: rpc(ById, Done, ['WORKFLOW_NOT_FOUND']),
  listWorkflowVersions: query(ById, WorkflowVersions, ['WORKFLOW_NOT_FOUND']),
  analyzeWorkflow: query(GetWorkflow, WorkflowAnalysis, ['WORKFLOW_NOT_FOUND']),
  inspectWorkflow: query(InspectWorkflow, WorkflowAnalysis, graphReasons),
  listWorkers: query(Nothing, WorkerList),
  drainWorker: rpc(ById, Done, ['WORKER_NOT_FOUND']),
  resumeWorker: rpc(ById, Done, ['WORKER_NOT_FOUND']),
  listPools: query(Nothing, PoolList),
  getUsage: query(GetUsage, UsageReport, ['ACCOUNT_NOT_FOUND']),
  getLimits: query(AccountId, LimitsView, ['ACCOUNT_NOT_FOUND']),
  setLimits: rpc(SetLimits, LimitsView, ['ADMIN_ONLY']),
})

/** What workers ask of control. */
export const workerDesk = defineService('worker-desk', 1, {
  beat: rpc(WorkerBeat, BeatReply),
})

/** What control asks of one worker; served under the worker's id. */
export const worker = defineService('worker', 1, {
  /** Answers at once: "nobody listens" means that the process is gone. */
  ping: query(Nothing, Done),
  /** Stops the attempt within a second, or drops it from the inbox. Idempotent. */
  cancel: rpc(CancelAttempt, Done),
  /** Takes no more work, finishes what runs. */
  drain: rpc(Nothing, Done),
  /** After a drain; a worker that is stopping goes on stopping. */
  resume: rpc(Nothing, Done),
  getObjectInfo: query(Nothing, ObjectInfoReply),
  /** Model files have come: its ComfyUI is asked anew for what it has, and the next beat tells of it. */
  refreshDefinitions: query(Nothing, Done),
})

export const attemptStarted = defineFact('worker.attempt-started', 1, AttemptStarted)
export const attemptEnded = defineFact('worker.attempt-ended', 1, AttemptEnded)
export const jobChanged = defineFact('inference.job.changed', 1, JobChanged)
export const outputsMade = defineFact('inference.outputs-made', 1, OutputsMade)
