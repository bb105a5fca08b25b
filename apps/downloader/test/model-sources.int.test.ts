import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '@easel/config'
import type { ResolvedFile } from '@easel/contracts'
import { startStandIns } from '@easel/stand-ins'
import type { CivitaiModel, Fault, HfFile, StandIns } from '@easel/stand-ins'
import { expect, test } from 'vitest'
import { aResolvedFile } from './support/stand-in-catalog.ts'
import { openHouse } from './support/start-downloader.ts'

const keys = {
  civitai: new Secret('civitai_standinkey'),
  huggingface: new Secret('hf_standinreader'),
}

/** A downloader beside stand-ins of CivitAI and Hugging Face, and what they are asked for. */
async function open({ withKeys }: { withKeys: boolean }) {
  await using stack = new AsyncDisposableStack()
  const house = stack.use(await openHouse())
  const standIns = stack.use(await startStandIns({ fileBytes: 200_000 }))
  const { civitai, huggingface } = standIns
  const sourceUrls = { civitai: civitai.url, huggingface: huggingface.url }
  await house.start({ sourceUrls, ...(withKeys && { sourceTokens: keys }) })
  const catalog = await house.catalog()
  const owned = stack.move()
  return {
    house,
    standIns,
    async fetch(file: ResolvedFile) {
      catalog.resolve = () => [file]
      const { id } = await house.client.createDownload({ source: 'reference', reference: 'urn:air:any' })
      return house.until(id, 'completed', 'failed')
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** As the catalogue resolves it. */
function ofCivitai({ civitai }: StandIns, model: CivitaiModel): ResolvedFile {
  const [version] = model.modelVersions
  const file = version!.files[0]!
  return aResolvedFile({
    urls: [`${civitai.url}/api/download/models/${version!.id}`],
    token: 'civitai',
    filename: file.name,
    bytes: civitai.world.bytes.get(file.id)!.length,
    sha256: file.hashes['SHA256']!.toLowerCase(),
  })
}

function ofHub(
  { huggingface }: StandIns,
  repo: string,
  path: string,
): { file: HfFile; resolved: ResolvedFile } {
  const [commit] = huggingface.world.find(repo)!.commits
  const file = commit!.files.find((each) => each.path === path)!
  const resolved = aResolvedFile({
    urls: [`${huggingface.url}/${repo}/resolve/${commit!.sha}/${path}`],
    token: 'huggingface',
    filename: path.split('/').at(-1)!,
    bytes: file.bytes.length,
    sha256: file.lfs ? file.sha256 : null,
  })
  return { file, resolved }
}

test('a file of CivitAI comes over its redirect, and the key stays behind', async () => {
  await using test = await open({ withKeys: true })
  const { plain } = test.standIns.civitai.world.special

  const done = await test.fetch(ofCivitai(test.standIns, plain))

  const { civitai, delivery } = Object.groupBy(test.standIns.requests, ({ server }) => server)
  expect(done).toMatchObject({ status: 'completed', verification: 'verified' })
  expect(civitai!.every(({ headers }) => headers['authorization'] === 'Bearer civitai_standinkey')).toBe(true)
  expect(
    civitai!.every(({ headers }) => !/mozilla|chrome|safari|edge/i.test(headers['user-agent'] ?? '')),
  ).toBe(true)
  expect(delivery!.some(({ headers }) => 'authorization' in headers)).toBe(false)
})

test('what only members get needs the key', async () => {
  await using stranger = await open({ withKeys: false })
  await using member = await open({ withKeys: true })
  const { loginRequired } = stranger.standIns.civitai.world.special

  const refused = await stranger.fetch(ofCivitai(stranger.standIns, loginRequired))
  const done = await member.fetch(ofCivitai(member.standIns, loginRequired))

  expect(refused).toMatchObject({ status: 'failed', error: { code: expect.any(String) as string } })
  expect(refused.error!.message).not.toBe('')
  expect(done.status).toBe('completed')
})

test.each(['earlyAccess', 'archived', 'downloadsDisabled'] as const)(
  'a refusal ends the download with an explanation: %s',
  async (name) => {
    await using test = await open({ withKeys: true })

    const refused = await test.fetch(ofCivitai(test.standIns, test.standIns.civitai.world.special[name]))

    expect(refused.status).toBe('failed')
    expect(refused.error!.message.length).toBeGreaterThan(10)
    expect(await readdir(test.house.directory)).not.toContain('loras')
  },
)

test.each([
  { kind: 'cut', server: 'delivery', method: 'GET', times: 1 },
  { kind: 'wrong-length', server: 'delivery', method: 'GET', times: 1 },
  // The first request finds out what there is.
  { kind: 'expired', server: 'delivery', after: 1, times: 1 },
  { kind: 'status', status: 500, server: 'delivery', times: 1 },
  { kind: 'status', status: 429, retryAfterS: 1, server: 'civitai', times: 1 },
  { kind: 'offline', server: 'delivery', times: 2 },
  { kind: 'ignore-range', server: 'delivery' },
] satisfies Fault[])('the right file ends in its place in spite of $kind at $server', async (fault) => {
  await using test = await open({ withKeys: true })
  const { plain } = test.standIns.civitai.world.special
  using _ = test.standIns.fault(fault)

  const done = await test.fetch(ofCivitai(test.standIns, plain))

  const right = test.standIns.civitai.world.bytes.get(plain.modelVersions[0]!.files[0]!.id)!
  expect(done).toMatchObject({ status: 'completed', verification: 'verified' })
  expect((await readFile(join(test.house.directory, 'loras', done.filename!))).equals(right)).toBe(true)
})

test('wrong bytes are never seen, however often they come', async () => {
  await using test = await open({ withKeys: true })
  using _ = test.standIns.fault({ kind: 'wrong-bytes', server: 'delivery', method: 'GET' })

  const failed = await test.fetch(ofCivitai(test.standIns, test.standIns.civitai.world.special.plain))

  expect(failed).toMatchObject({ status: 'failed', verification: 'mismatch' })
})

test('a page is not taken for a file', async () => {
  await using test = await open({ withKeys: true })
  using _ = test.standIns.fault({ kind: 'html', server: 'civitai' })

  const failed = await test.fetch(ofCivitai(test.standIns, test.standIns.civitai.world.special.plain))

  expect(failed.status).toBe('failed')
  expect(await readdir(test.house.directory)).not.toContain('loras')
})

test('files of Hugging Face come, large ones from the delivery host and small ones from the hub', async () => {
  await using test = await open({ withKeys: true })
  const large = ofHub(test.standIns, 'standin-labs/lantern-xl', 'lantern_xl.safetensors')
  const small = ofHub(test.standIns, 'standin-labs/lantern-xl', 'model_index.json')

  const first = await test.fetch(large.resolved)
  const second = await test.fetch(small.resolved)

  expect(first).toMatchObject({ status: 'completed', verification: 'verified' })
  expect(second).toMatchObject({ status: 'completed', verification: 'unverified' })
  const delivered = test.standIns.requests.filter(({ server }) => server === 'delivery')
  expect(delivered.some(({ headers }) => 'authorization' in headers)).toBe(false)
})

test('gated files of Hugging Face need a token that was let in', async () => {
  await using member = await open({ withKeys: true })
  await using stranger = await open({ withKeys: false })
  const gate = { gate: 'approval', approvalUrl: 'https://hub.example/gated-gallery/ask-first' } as const
  const path = ['gated-gallery/ask-first', 'ask_first.safetensors'] as const

  const done = await member.fetch({ ...ofHub(member.standIns, ...path).resolved, ...gate })

  expect(done.status).toBe('completed')
  await expect(
    stranger.fetch({ ...ofHub(stranger.standIns, ...path).resolved, ...gate }),
  ).rejects.toMatchObject({ reason: expect.stringMatching(/GATED|TOKEN/) as string })
})
