import { afterEach, expect, test } from 'vitest'
import { sha256Of, startStandIns, type StandInOptions, type StandIns } from '../src/index.ts'

let open: StandIns | undefined
const start = async (options?: StandInOptions) => (open = await startStandIns(options))
afterEach(() => open?.[Symbol.asyncDispose]())

const reader = { authorization: 'Bearer hf_standinreader' }
const stranger = { authorization: 'Bearer hf_standinstranger' }

test('pages of a search follow the Link header and hold no sizes', async () => {
  const { huggingface } = await start()
  const ids: string[] = []
  let next: string | undefined =
    `${huggingface.url}/api/models?full=true&limit=5&pipeline_tag=text-to-image&sort=downloads`

  while (next) {
    const response: Response = await fetch(next)
    for (const repo of (await response.json()) as { id: string; siblings: object[] }[]) {
      ids.push(repo.id)
      expect(repo.siblings.every((sibling) => Object.keys(sibling).length === 1)).toBe(true)
    }
    next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  }

  expect(ids.length).toBeGreaterThan(8)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).not.toContain('gated-gallery/nobody-knows')
})

test.each(['sort=created_at', 'limit=5000', 'page=2', 'direction=down'])(
  'a search it does not take is refused: %s',
  async (query) => {
    const { huggingface } = await start()

    expect((await fetch(`${huggingface.url}/api/models?${query}`)).status).toBe(400)
  },
)

test('a tree tells the SHA-256 of large files and pages by its Link header', async () => {
  const { huggingface } = await start({ treePage: 50 })
  const url = `${huggingface.url}/api/models/tidal/many-files/tree/main?recursive=true`

  const response = await fetch(url)
  const entries = (await response.json()) as { path: string; lfs?: { oid: string } }[]
  const file = huggingface.world.find('tidal/many-files')!.commits[0]!.files.at(-1)!

  expect(entries).toHaveLength(50)
  expect(response.headers.get('link')).toContain('cursor=50')
  expect(sha256Of(file.bytes)).toBe(file.sha256)
})

test('a large file leads to the delivery host, a small one to a relative address, an old name to the new', async () => {
  const { huggingface, delivery } = await start()
  const manual = { redirect: 'manual' } as const

  const large = await fetch(
    `${huggingface.url}/standin-labs/lantern-xl/resolve/main/lantern_xl.safetensors`,
    manual,
  )
  const small = await fetch(
    `${huggingface.url}/standin-labs/lantern-xl/resolve/main/model_index.json`,
    manual,
  )
  const old = await fetch(`${huggingface.url}/lantern/resolve/main/model_index.json`, manual)

  expect(large.status).toBe(302)
  expect(large.headers.get('location')).toContain(delivery.url)
  expect(large.headers.get('x-linked-etag')).toMatch(/^"[0-9a-f]{64}"$/)
  expect(small.status).toBe(307)
  expect(small.headers.get('location')).toMatch(/^\/api\/resolve-cache\//)
  expect(old.headers.get('location')).toBe('/standin-labs/lantern-xl/resolve/main/model_index.json')
})

test('gated files need a token that was let in; what they are is public', async () => {
  const { huggingface } = await start()
  const file = `${huggingface.url}/gated-gallery/ask-first/resolve/main/ask_first.safetensors`

  const anonymous = await fetch(file)
  const unknown = await fetch(file, { headers: stranger })
  const granted = await fetch(file, { headers: reader })
  const info = await fetch(`${huggingface.url}/api/models/gated-gallery/ask-first?blobs=true`)

  expect([anonymous.status, anonymous.headers.get('x-error-code')]).toEqual([401, 'GatedRepo'])
  expect([unknown.status, unknown.headers.get('x-error-code')]).toEqual([403, 'GatedRepo'])
  expect(granted.status).toBe(200)
  expect(info.status).toBe(200)
})

test('missing, private and misnamed things answer with their codes', async () => {
  const { huggingface } = await start()
  const asked = async (path: string, headers = {}) => {
    const response = await fetch(`${huggingface.url}${path}`, { headers })
    return [response.status, response.headers.get('x-error-code')]
  }

  expect(await asked('/api/models/gated-gallery/nobody-knows')).toEqual([401, 'RepoNotFound'])
  expect(await asked('/api/models/no/body', reader)).toEqual([404, 'RepoNotFound'])
  expect(await asked('/api/models/quarry/talker-8b/revision/nope')).toEqual([404, 'RevisionNotFound'])
  expect(await asked('/quarry/talker-8b/resolve/main/nope.bin')).toEqual([404, 'EntryNotFound'])
  expect(await asked('/api/models', { authorization: 'Bearer hf_wrong' })).toEqual([401, null])
})
