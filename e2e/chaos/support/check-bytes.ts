import { readdir, readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Blake3Hasher } from '@napi-rs/blake-hash'
import { waitFor } from '@easel/testing'
import type { Json } from '../../support/api.ts'
import { inParallel } from './check-jobs.ts'
import type { CheckContext } from './check-context.ts'

const hashOf = (algorithm: string, bytes: Buffer) =>
  algorithm === 'sha256'
    ? createHash('sha256').update(bytes).digest('hex')
    : new Blake3Hasher().update(bytes).digest('hex')

const importMs = 60_000

/** I2: what jobs say they made is in the gallery, once, and its bytes are what its hash says. */
export async function checkOutputs(context: CheckContext, jobs: ReadonlyMap<string, Json>): Promise<void> {
  const { ledger, findings, load, owner } = context
  const promised = [...jobs.values()].flatMap(({ id, outputs }) =>
    (outputs as Json[]).map((output) => ({ job: String(id), asset: String(output.assetId) })),
  )
  const imported = 'select count(*) from gallery.asset where job_id is not null'
  await waitFor(async () => (await ledger.count(imported)) >= promised.length, {
    timeoutMs: importMs,
    describe: 'the gallery to import all outputs',
  }).catch(() => undefined)

  await inParallel(promised, async ({ job, asset }) => {
    const client = owner(load.accepted.get(job)!.person)
    const answer = await client.send('GET', `/api/assets/${asset}`)
    if (answer?.status !== 200) {
      findings.violated('I2', `output ${asset} of job ${job} answers ${answer?.status}`)
      return
    }
    try {
      const bytes = await client.bytes(`/api/assets/${asset}/content`)
      const [algorithm = '', hex = ''] = String(answer.body.hash).split(':')
      if (hashOf(algorithm, bytes) !== hex)
        findings.violated('I2', `asset ${asset} is not what its hash says`)
    } catch (cause) {
      findings.violated('I2', `the bytes of ${asset} cannot be had: ${String(cause)}`)
    }
  })
  findings.lookedAt('outputs read through the API', promised.length)

  const known = new Set(promised.map(({ asset }) => asset))
  const assets = await ledger.ask<{ id: string; job: string }>(
    'select id, job_id as job from gallery.asset where job_id is not null',
  )
  for (const { id, job } of assets) {
    if (jobs.has(job) && !known.has(id)) findings.violated('I2', `asset ${id} is of no result of job ${job}`)
  }
}

/** I3 and I4 of the blob store; after the last sweep. */
export async function checkBlobs({ cluster, ledger, findings }: CheckContext): Promise<void> {
  const listUsed = async () => {
    const rows = await ledger.ask<{ key: string }>(
      `select blob as key from gallery.asset union select blob from gallery.thumbnail
       union select blob from inference.node_definitions`,
    )
    return new Set(rows.map(({ key }) => key))
  }
  const orphans = async () => {
    const there = await listBlobs(cluster.blobs)
    const used = await listUsed()
    return there.filter(({ key }) => !used.has(key))
  }
  await waitFor(async () => (await orphans()).length === 0, {
    timeoutMs: sweepMs,
    describe: 'the sweep',
  }).catch(() => undefined)
  for (const { key } of await orphans()) findings.violated('I4', `nothing refers to blob ${key}`)

  const blobs = await listBlobs(cluster.blobs)
  await inParallel(blobs, async ({ key, path }) => {
    const [algorithm = '', hex = ''] = key.split(':')
    if (hashOf(algorithm, await readFile(path)) !== hex) findings.violated('I3', `blob ${key} is another one`)
  })
  findings.lookedAt('blobs', blobs.length)
  // Not the definitions of nodes: the gallery's sweep takes them when they are old, and a worker puts them again.
  const needed = await ledger.ask<{ key: string }>(
    'select blob as key from gallery.asset union select blob from gallery.thumbnail',
  )
  const there = new Set((await listBlobs(cluster.blobs)).map(({ key }) => key))
  for (const { key } of needed) {
    if (!there.has(key)) findings.violated('I2', `blob ${key} is missing`)
  }
}

/** The gallery removes every ten seconds what the sweep before has found. */
const sweepMs = 60_000

async function listBlobs(root: string): Promise<{ key: string; path: string }[]> {
  const found: { key: string; path: string }[] = []
  for (const algorithm of ['blake3', 'sha256']) {
    for (const entry of await readdir(join(root, algorithm), { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue
      found.push({ key: `${algorithm}:${entry.name}`, path: join(entry.parentPath, entry.name) })
    }
  }
  return found
}
