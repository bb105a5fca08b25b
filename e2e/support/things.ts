import { waitFor } from '@easel/testing'
import { colourGraph } from './graphs.ts'
import { must, withCookie } from './people.ts'
import type { Api, Json } from './api.ts'
import type { Person } from './people.ts'

export type Things = {
  jobs: string
  assets: string
  sessions: string
  workflows: string
  downloads: string
  collections: string
  keys: string
  spaces: string
  users: string
  /** A log-in. */
  auth: string
  webhooks: string
  deliveries: string
}

/** Who would be whom in a path: a route with an id that is not here fails the test. */
export async function makeThings(person: Person, spaceId?: string): Promise<Things> {
  const { api } = person
  const inSpace = spaceId === undefined ? {} : { spaceId }
  const space = spaceId ?? (await must(api.send('POST', '/api/spaces', { name: 'Ann’s team' }), 201)).id
  const session = await must(api.send('POST', '/api/sessions', { title: 'Mine', ...inSpace }), 201)
  const workflow = await must(
    api.send('POST', '/api/workflows', { name: 'Mine', graph: colourGraph(), ...inSpace }),
    201,
  )
  const job = await api.finished(
    await api.submit(colourGraph(), { sessionId: session.id as string, ...inSpace }),
  )
  const [{ assetId }] = job.outputs as [{ assetId: string }]
  const collection = await must(api.send('POST', '/api/collections', { name: 'Mine', ...inSpace }), 201)
  await waitFor(async () => (await api.get(`/api/assets/${assetId}`)).status === 200)
  await must(api.send('PATCH', `/api/assets/${assetId}`, { tags: ['mine'] }), 200)
  return {
    jobs: job.id as string,
    assets: assetId,
    sessions: session.id as string,
    workflows: workflow.id as string,
    downloads: await makeDownload(api, inSpace),
    collections: collection.id as string,
    ...(await makeWebhook(api, inSpace)),
    keys: person.keyId,
    spaces: space as string,
    users: person.id,
    auth: await logInOf(person),
  }
}

async function logInOf({ api, cookie }: Person): Promise<string> {
  const { items } = await must(withCookie(api.url, cookie).get('/api/auth/sessions'), 200)
  return (items as Json[])[0]!.id as string
}

async function makeDownload(api: Api, inSpace: Json): Promise<string> {
  // It never comes, so that it stays to be asked for.
  const url = 'https://models.invalid/a.safetensors'
  const { id } = await must(api.send('POST', '/api/downloads', { url, folder: 'loras', ...inSpace }), 202)
  return id as string
}

async function makeWebhook(api: Api, inSpace: Json): Promise<Pick<Things, 'webhooks' | 'deliveries'>> {
  // It never arrives, so that it stays to be asked for.
  const url = 'https://hooks.invalid/'
  const webhook = await must(api.send('POST', '/api/webhooks', { url, ...inSpace }), 201)
  const delivery = await must(api.send('POST', `/api/webhooks/${String(webhook.id)}/test`), 202)
  return { webhooks: webhook.id as string, deliveries: delivery.id as string }
}
