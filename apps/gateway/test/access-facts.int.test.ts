import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway } from './support/start-gateway.ts'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
beforeAll(async () => {
  server = await startTestGateway()
})
afterAll(() => server[Symbol.asyncDispose]())

/** What the services were told of a user, the oldest first. */
async function told(userId: string): Promise<unknown[]> {
  const rows = await server.sql(
    `select payload from outbox where key = $1 and subject like '%gateway.access.changed%' order by seq`,
    [userId],
  )
  return rows.map(({ payload }) => payload)
}

test('services are told what a user may change, whenever that is another', async () => {
  const user = await server.addUser('changing@example.com')
  const made = await server.call('/api/spaces', { method: 'POST', json: { name: 'Team' } })
  const space = made.body.id as string
  const member = `/api/spaces/${space}/members/${user.id}`
  const patch = (path: string, json: unknown) => server.call(path, { method: 'PATCH', json })

  await server.call(`/api/spaces/${space}/members`, {
    method: 'POST',
    json: { userId: user.id, role: 'editor' },
  })
  await patch(member, { role: 'viewer' })
  await server.call(member, { method: 'DELETE' })
  await patch(`/api/users/${user.id}`, { name: 'Changed' })
  await patch(`/api/users/${user.id}`, { disabled: true })
  await patch(`/api/users/${user.id}`, { disabled: false, role: 'admin' })
  await server.call(`/api/users/${user.id}`, { method: 'DELETE' })

  const own = { userId: user.id, state: 'active', everywhere: false, spaceIds: [user.spaceId] }
  expect(await told(user.id)).toEqual([
    { ...own, spaceIds: expect.arrayContaining([user.spaceId, space]) },
    own,
    own,
    { ...own, state: 'disabled' },
    { ...own, everywhere: true, spaceIds: expect.any(Array) },
    { ...own, state: 'deleted', spaceIds: [] },
  ])
})
