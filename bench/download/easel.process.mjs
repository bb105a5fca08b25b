// Brings files with the transfer engine as it was built, in a process of its own, and tells what that took.
// Plain JavaScript, so that the memory of a TypeScript loader is not counted.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const built = (path) => import(new URL(`../../apps/downloader/dist/transfers/${path}`, import.meta.url).href)
const { bring } = await built('bringing.js')
const { Hosts } = await built('hosts.js')
const { Lanes } = await built('lane/lanes.js')
const http = await import(new URL('../../libs/shared/http/dist/index.js', import.meta.url).href)

const { urls, directory, sha256, durable, warmUp } = JSON.parse(process.argv[2])
await mkdir(directory, { recursive: true })
await using guarded = http.createGuardedHttp({ allowPrivate: true })
await using lanes = new Lanes()
const hosts = new Hosts(16)
const connections = []
const fetchOne = async (url, index) => {
  const path = join(directory, `easel-${index}`)
  let most = 0
  let progress
  const watching = setInterval(() => (most = Math.max(most, progress?.connections ?? 0)), 50)
  await bring(
    {
      http: guarded,
      lanes,
      hosts,
      bandwidth: { limited: false, take: async () => undefined },
      space: { require: async () => undefined },
      retryMs: 500,
      retries: 3,
      stallMs: 15_000,
      chunkBytes: 4 * 1024 * 1024,
      paths: { path, journal: `${path}.ranges`, bad: `${path}.bad` },
      boot: 'bench',
      durable,
      signal: new AbortController().signal,
      onOpen: (opened) => (progress = opened),
      onAttempt: async () => undefined,
      onAnswer: async () => undefined,
    },
    {
      urls: [{ url }],
      folder: 'other',
      filename: 'file.bin',
      expectedSha256: sha256[index] ?? null,
      expectedBytes: null,
    },
  )
  clearInterval(watching)
  connections.push(most)
  return path
}
// Its threads run in a service that runs already.
const first = await fetchOne(warmUp, 'first')
connections.length = 0
const begun = performance.now()
const paths = await Promise.all(urls.map(fetchOne))
const seconds = (performance.now() - begun) / 1_000
const peakBytes = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ seconds, peakBytes, connections: Math.max(...connections) }))
await Promise.all([first, ...paths].flatMap((path) => [rm(path), rm(`${path}.ranges`)]))
