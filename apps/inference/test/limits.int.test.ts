import { newId } from '@easel/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { admin, limit, ofSpace, ofUser } from './support/accounts.ts'
import { samplerGraph } from './support/graphs.ts'
import { anActor, startTestControl } from './support/start-control.ts'
import type { AccountId } from '@easel/contracts'
import type { TestControl } from './support/start-control.ts'

let control: TestControl
beforeAll(async () => {
  control = await startTestControl({ replicas: 2 })
})
afterAll(() => control[Symbol.asyncDispose]())

const none: AccountId[] = [{ scope: 'any-space' }, { scope: 'any-user' }]

test('members see the limits of their space, users their own, and what is foreign is not there', async () => {
  const actor = anActor()
  const stranger = anActor()
  const expected = { code: 'not_found', extra: { reason: 'ACCOUNT_NOT_FOUND' } }

  for (const account of [ofSpace(actor), ofUser(actor)]) {
    expect(await control.client.getLimits(account, { actor })).toMatchObject(account)
    expect(await control.client.getUsage(account, { actor })).toMatchObject({ ...account, open: 0 })
    await control.client.getUsage(account, { actor: admin })
    await expect(control.client.getLimits(account, { actor: stranger })).rejects.toMatchObject(expected)
    await expect(control.client.getUsage(account, { actor: stranger })).rejects.toMatchObject(expected)
    const made = { ...account, id: newId() }
    await expect(control.client.getLimits(made, { actor: stranger })).rejects.toMatchObject(expected)
  }
  for (const account of none) {
    await expect(control.client.getLimits(account, { actor })).rejects.toMatchObject(expected)
  }
})

test('only admins set limits', async () => {
  const actor = anActor()
  const refused = { code: 'forbidden', extra: { reason: 'ADMIN_ONLY' } }

  for (const account of [ofSpace(actor), ofUser(actor), ...none]) {
    await expect(
      control.client.setLimits({ ...account, limits: { maxOpen: 9 } }, { actor }),
    ).rejects.toMatchObject(refused)
  }
})

test.each<[string, object]>([
  ['an id is missing', { scope: 'space', limits: {} }],
  ['an id is too much', { scope: 'any-user', id: newId(), limits: {} }],
  ['a weight of nothing', { scope: 'any-user', limits: { weight: 0 } }],
  ['less than nothing', { scope: 'any-user', limits: { gpuSecondsPerDay: -1 } }],
  ['half a micro-dollar', { scope: 'any-user', limits: { costMicrosPerDay: 0.5 } }],
  ['an empty pattern', { scope: 'any-user', limits: { deniedNodes: [''] } }],
])('limits are refused: %s', async (_name, input) => {
  await expect(control.client.setLimits(input as never, { actor: admin })).rejects.toMatchObject({
    code: 'invalid',
  })
})

test('what is not set for one holds as for all, and a new set takes the place of the old', async () => {
  await using own = await startTestControl()
  const actor = anActor()
  const account = ofSpace(actor)
  await limit(own, { scope: 'any-space' }, { weight: 2, maxOpen: 100, deniedNodes: ['Bad*'] })
  await limit(own, account, { maxOpen: 5, gpuSecondsPerDay: 60 })

  expect(await own.client.getLimits(account, { actor })).toMatchObject({
    limits: { weight: null, maxOpen: 5, gpuSecondsPerDay: 60, deniedNodes: null },
    effective: { weight: 2, maxOpen: 5, gpuSecondsPerDay: 60, deniedNodes: ['Bad*'] },
    updatedAt: expect.any(String),
  })
  await limit(own, account, { maxRunning: 3 })
  expect(await own.client.getLimits(account, { actor })).toMatchObject({
    limits: { maxOpen: null, gpuSecondsPerDay: null },
    effective: { weight: 2, maxOpen: 100, maxRunning: 3 },
  })
})

test('nodes and models that a policy forbids are refused with their places, also to a retry', async () => {
  const actor = anActor()
  const workflow = samplerGraph()
  const { id } = await control.submit({ pool: 'nobody', workflow }, { actor })
  await control.client.cancelJob({ id }, { actor })
  await limit(control, ofSpace(actor), { allowedModels: ['xl/*'] })
  await limit(control, ofUser(actor), { deniedNodes: ['VAE*'] })

  const expected = {
    code: 'forbidden',
    extra: {
      reason: 'NOT_ALLOWED',
      faults: [
        {
          path: 'workflow.4.inputs.ckpt_name',
          message: expect.stringContaining('may not use the model sd15'),
        },
        { path: 'workflow.8.class_type', message: expect.stringContaining(`The user ${actor.userId}`) },
      ],
    },
  }
  await expect(control.submit({ pool: 'nobody', workflow }, { actor })).rejects.toMatchObject(expected)
  await expect(control.client.retryJob({ id }, { actor })).rejects.toMatchObject(expected)
})

test('usage is told for the periods that are asked for, the present ones always', async () => {
  const actor = anActor()

  const both = await control.client.getUsage(ofUser(actor), { actor })
  const days = await control.client.getUsage({ ...ofUser(actor), period: 'day', last: 30 }, { actor })

  const today = new Date().toISOString().slice(0, 10)
  expect(both.totals).toMatchObject([
    { period: 'day', startsOn: today, gpuSeconds: 0, jobs: 0, gpuSecondsLimit: null },
    { period: 'month', startsOn: `${today.slice(0, 7)}-01` },
  ])
  expect(days.totals).toMatchObject([{ period: 'day', startsOn: today }])
})
