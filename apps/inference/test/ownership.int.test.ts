import { waitFor } from '@easel/testing'
import { newId } from '@easel/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aGraph, anActor, startTestControl, user, type TestControl } from './support/start-control.ts'
import type { Actor } from '@easel/protocol'

const stranger = anActor()
const viewer: Actor = { ...anActor(), spaces: { [user.personalSpaceId]: 'viewer' } }
const admin = anActor('admin')

let control: TestControl
let jobId: string
let workflowId: string
beforeAll(async () => {
  control = await startTestControl()
  jobId = (await control.submit({ pool: 'nobody' })).id
  const workflow = await control.client.createWorkflow({ name: 'mine', graph: aGraph() }, { actor: user })
  workflowId = workflow.id
})
afterAll(() => control[Symbol.asyncDispose]())

const onJob = ['getJob', 'cancelJob', 'retryJob', 'explainJob', 'getJobGraph'] as const
const onWorkflow = ['getWorkflow', 'deleteWorkflow', 'listWorkflowVersions', 'analyzeWorkflow'] as const

test.each(onJob)('%s of a foreign job and of none look the same', async (method) => {
  const expected = { code: 'not_found', extra: { reason: 'JOB_NOT_FOUND' } }

  await expect(control.client[method]({ id: jobId }, { actor: stranger })).rejects.toMatchObject(expected)
  await expect(control.client[method]({ id: newId() }, { actor: stranger })).rejects.toMatchObject(expected)
  await expect(control.client[method]({ id: 'x' }, { actor: stranger })).rejects.toMatchObject(expected)
})

test.each(onWorkflow)('%s of a foreign workflow and of none look the same', async (method) => {
  const expected = { code: 'not_found', extra: { reason: 'WORKFLOW_NOT_FOUND' } }

  await expect(control.client[method]({ id: workflowId }, { actor: stranger })).rejects.toMatchObject(
    expected,
  )
  await expect(control.client[method]({ id: newId() }, { actor: stranger })).rejects.toMatchObject(expected)
})

test('a foreign workflow can be neither changed nor run', async () => {
  const expected = { code: 'not_found', extra: { reason: 'WORKFLOW_NOT_FOUND' } }

  await expect(
    control.client.updateWorkflow({ id: workflowId, name: 'theirs' }, { actor: stranger }),
  ).rejects.toMatchObject(expected)
  await expect(control.client.submitJob({ workflowId }, { actor: stranger })).rejects.toMatchObject(expected)
})

test('nothing can be put into a foreign space, and lists show nothing of it', async () => {
  const spaceId = user.personalSpaceId
  const expected = { code: 'not_found', extra: { reason: 'SPACE_NOT_FOUND' } }

  await expect(control.submit({ spaceId }, { actor: stranger })).rejects.toMatchObject(expected)
  await expect(
    control.client.createWorkflow({ name: 'x', graph: aGraph(), spaceId }, { actor: stranger }),
  ).rejects.toMatchObject(expected)
  for (const input of [{}, { spaceId }, { createdBy: user.userId }]) {
    expect((await control.client.listJobs(input, { actor: stranger })).items).toEqual([])
  }
  expect((await control.client.listWorkflows({ spaceId }, { actor: stranger })).items).toEqual([])
})

test('a viewer sees everything and changes nothing', async () => {
  const expected = { code: 'forbidden', extra: { reason: 'SPACE_READ_ONLY' } }
  const as = { actor: viewer }

  expect((await control.client.getJob({ id: jobId }, as)).id).toBe(jobId)
  expect((await control.client.getWorkflow({ id: workflowId }, as)).name).toBe('mine')
  await expect(control.client.cancelJob({ id: jobId }, as)).rejects.toMatchObject(expected)
  await expect(control.client.retryJob({ id: jobId }, as)).rejects.toMatchObject(expected)
  await expect(control.client.deleteWorkflow({ id: workflowId }, as)).rejects.toMatchObject(expected)
  await expect(control.submit({ spaceId: user.personalSpaceId }, as)).rejects.toMatchObject(expected)
})

test('an admin may do what members may', async () => {
  const { id } = await control.submit({ pool: 'nobody' })

  expect((await control.client.cancelJob({ id }, { actor: admin })).status).toBe('canceled')
})

test('that a worker is busy is told to all, with what only to who may see it', async () => {
  await control.startWorker({ pool: 'busy', id: 'busy-1', automatic: false })
  const { id } = await control.submit({ pool: 'busy' })
  const shown = async (actor: Actor) =>
    (await control.client.listWorkers({}, { actor })).items.find((worker) => worker.id === 'busy-1')
  await waitFor(async () => (await shown(user))?.attempts.some(({ jobId }) => jobId === id))

  expect(await shown(stranger)).toMatchObject({ state: 'busy', attempts: [] })
  expect(await shown(admin)).toMatchObject({ attempts: [{ jobId: id }] })
})

test('without a caller nothing is told', async () => {
  const expected = { code: 'unauthenticated' }

  await expect(control.client.getJob({ id: jobId })).rejects.toMatchObject(expected)
  await expect(control.client.listJobs({})).rejects.toMatchObject(expected)
  await expect(control.client.listWorkers({})).rejects.toMatchObject(expected)
})
