import { publishFact } from '@easel/bus'
import { hubFileChanged, modelChanged } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { knownHash } from './support/model-peers.ts'
import { startTestGateway } from './support/start-gateway.ts'

const time = '2026-11-20T10:00:00.000Z'

test('that a content of the hub is bad is told to admins, and to nobody else', async () => {
  await using server = await startTestGateway()
  const { key } = await server.addUser('ann@example.com')
  const file = {
    sha256: knownHash,
    bytes: 1,
    paths: ['loras/castle.safetensors'],
    state: 'bad' as const,
    pinned: false,
    usedAt: time,
    createdAt: time,
  }

  await publishFact(server.peers.bus, hubFileChanged, {
    id: newId(),
    payload: { event: 'hub.content-bad', file },
  })

  const typesOf = (events: { body: { items: { type: string }[] } }) =>
    events.body.items.map(({ type }) => type)
  await waitFor(async () => typesOf(await server.call('/api/events?after=0')).length > 0)
  expect(typesOf(await server.call('/api/events?after=0'))).toEqual(['hub.content-bad'])
  expect(typesOf(await server.call('/api/events?after=0', { key }))).toEqual([])
})

test('that there is a newer version of a model is told to everybody who may see models', async () => {
  await using server = await startTestGateway()
  const { key } = await server.addUser('ann@example.com')
  const update = {
    source: 'civitai' as const,
    modelId: '12',
    modelName: 'Castle',
    installedVersionId: '34',
    installedVersionName: 'v1',
    versionId: '56',
    versionName: 'v2',
  }

  await publishFact(server.peers.bus, modelChanged, {
    id: newId(),
    payload: { event: 'model.update-available', update },
  })

  const [event] = await waitFor(async () => {
    const { body } = await server.call('/api/events?after=0', { key })
    return body.items.length > 0 ? body.items : undefined
  })
  expect(event).toMatchObject({ type: 'model.update-available', data: update })
})
