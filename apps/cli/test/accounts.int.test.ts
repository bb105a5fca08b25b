import { expect, test } from 'vitest'
import { cliHome } from './support/run-easel.ts'
import { key, me as aMe, standInGateway } from './support/stand-in-gateway.ts'

const me = aMe()

async function start() {
  const [home, server] = await Promise.all([cliHome(), standInGateway()])
  server.on('GET /api/auth/me', { body: me })
  const env = { EASEL_URL: server.url, EASEL_API_KEY: key }
  return {
    server,
    easel: (...words: string[]) => home.easel(words, { env }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await home[Symbol.asyncDispose]()
    },
  }
}

const spaceId = '0193b3a2-0000-7000-8000-00000000005b'
const report = {
  scope: 'user',
  id: me.id,
  totals: [
    {
      period: 'day',
      startsOn: '2026-11-20',
      gpuSeconds: 90,
      costMicros: 1_250_000,
      reservedGpuSeconds: 30,
      reservedCostMicros: 0,
      jobs: 12,
      gpuSecondsLimit: 3_600,
      costMicrosLimit: null,
      endsAt: '2026-11-21T00:00:00.000Z',
    },
  ],
  running: 1,
  open: 3,
  limits: {},
}

test('one’s own usage is a table for people and the report for programs', async () => {
  await using cli = await start()
  cli.server.on(`GET /api/users/${me.id}/usage`, { body: report })

  const table = await cli.easel('usage', '--period', 'day', '--last', '7')
  const json = await cli.easel('usage', '--json')

  expect(table.stdout).toMatch(/^PERIOD +FROM +JOBS +GPU +HELD BACK +OF +COST/)
  expect(table.stdout).toMatch(/day +2026-11-20 +12 +1m 30s +30s +1h 0m +\$1\.25/)
  expect(table.stdout).toContain('3 jobs not ended, 1 at workers')
  expect(cli.server.requestsTo(`GET /api/users/${me.id}/usage`)[0]?.path).toContain('period=day&last=7')
  expect(JSON.parse(json.stdout)).toEqual(report)
})

test('a space is found by its short name', async () => {
  await using cli = await start()
  cli.server.on('GET /api/spaces', { body: { items: [{ id: spaceId, slug: 'team' }], nextCursor: null } })
  cli.server.on(`GET /api/spaces/${spaceId}/usage`, { body: { ...report, scope: 'space', id: spaceId } })

  const found = await cli.easel('usage', '--space', 'team', '--json')
  const missing = await cli.easel('usage', '--space', 'nobody')

  expect(JSON.parse(found.stdout)).toMatchObject({ id: spaceId })
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no space “nobody”') })
})

test('setting a limit keeps the others, and none takes one away', async () => {
  await using cli = await start()
  const path = `/api/spaces/${spaceId}/budget`
  const limits = { weight: 2, maxOpen: 10, gpuSecondsPerDay: null }
  cli.server.on(`GET ${path}`, { body: { scope: 'space', id: spaceId, limits, effective: limits } })
  const after = { weight: 2, costMicrosPerMonth: 50_000_000, deniedNodes: ['Exec*'] }
  cli.server.on(`PUT ${path}`, { body: { scope: 'space', id: spaceId, limits: after, effective: after } })

  const words = ['limits', 'set', '--space', spaceId, '--max-open', 'none', '--cost-per-month', '50']
  const { code, stdout } = await cli.easel(...words, '--deny-node', 'Exec*', '--deny-node', 'Shell')

  expect(code).toBe(0)
  expect(cli.server.bodies(`PUT ${path}`)).toEqual([
    {
      weight: 2,
      maxOpen: null,
      gpuSecondsPerDay: null,
      costMicrosPerMonth: 50_000_000,
      deniedNodes: ['Exec*', 'Shell'],
    },
  ])
  expect(stdout).toMatch(/Weight +2\n.*\$50\.00\nDenied nodes +Exec\*/s)
})

test('limits for all have routes of their own, and one holder at a time', async () => {
  await using cli = await start()
  cli.server.on('GET /api/limits/users', { body: { scope: 'any-user', limits: {}, effective: {} } })

  const all = await cli.easel('limits', 'get', '--all-users')
  const both = await cli.easel('limits', 'get', '--all-users', '--space', 'team')
  const nothing = await cli.easel('limits', 'set', '--all-users')
  const wrong = await cli.easel('limits', 'set', '--all-users', '--max-open', '1.5')

  expect(all).toMatchObject({ code: 0, stdout: 'No limits.\n' })
  for (const refused of [both, nothing, wrong]) expect(refused.code).toBe(2)
})
