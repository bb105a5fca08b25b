import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createGuardedHttp } from '@easel/http'
import { tempDirectory } from '@easel/testing'
import type { Bandwidth } from '../../src/transfers/bandwidth.ts'
import { bring } from '../../src/transfers/bringing.ts'
import type { Bringing, BringingProgress, Brought, PartialPaths } from '../../src/transfers/bringing.ts'
import type { RemoteFile } from '../../src/transfers/fetching.ts'
import { Hosts } from '../../src/transfers/hosts.ts'
import { Lanes } from '../../src/transfers/lane/lanes.ts'
import type { WantedFile } from '../../src/transfers/wanted-file.ts'

export const unlimited: Bandwidth = { limited: false, take: () => Promise.resolve() }

export type Brings = { url: string } & Partial<WantedFile> &
  Partial<
    Pick<Bringing, 'signal' | 'bandwidth' | 'stallMs' | 'retries' | 'chunkBytes' | 'space' | 'boot'>
  > & {
    name?: string
    mirrors?: readonly string[]
    headers?: Record<string, string>
  }

export type Running = {
  paths: PartialPaths
  done: Promise<Brought>
  /** Of the file under its partial name. */
  read(): Promise<Buffer>
  answers: RemoteFile[]
  attempts(): number
  progress(): BringingProgress
}

export type Engine = AsyncDisposable & {
  directory: string
  bring(what: Brings): Running
  names(): Promise<string[]>
}

/** The engine without a database, in a folder of its own. */
export async function startEngine({ connections = 16 } = {}): Promise<Engine> {
  await using stack = new AsyncDisposableStack()
  const { path: directory } = stack.use(await tempDirectory())
  const http = stack.use(createGuardedHttp({ allowPrivate: true, timeouts: { idleMs: 2_000 } }))
  const lanes = stack.use(new Lanes(1))
  const hosts = new Hosts(connections)
  const owned = stack.move()
  return {
    directory,
    names: async () => (existsSync(directory) ? await readdir(directory) : []),
    bring({ url, mirrors = [], name = 'partial', headers = {}, ...rest }) {
      const path = join(directory, name)
      const paths = { path, journal: `${path}.ranges`, bad: `${path}.bad` }
      const answers: RemoteFile[] = []
      let attempts = 0
      let progress: BringingProgress = { done: 0, connections: 0 }
      const wanted: WantedFile = {
        urls: [{ url, headers }, ...mirrors.map((each) => ({ url: each }))],
        folder: 'loras',
        filename: rest.filename === undefined ? 'model.safetensors' : rest.filename,
        expectedSha256: rest.expectedSha256 ?? null,
        expectedBytes: rest.expectedBytes ?? null,
      }
      const bringing: Bringing = {
        http,
        lanes,
        hosts,
        paths,
        boot: rest.boot ?? 'this boot',
        signal: rest.signal ?? new AbortController().signal,
        durable: false,
        bandwidth: rest.bandwidth ?? unlimited,
        space: rest.space ?? { require: () => Promise.resolve() },
        retryMs: 20,
        retries: rest.retries ?? 5,
        stallMs: rest.stallMs ?? 2_000,
        chunkBytes: rest.chunkBytes ?? 512 * 1024,
        onOpen: (opened) => (progress = opened),
        onAttempt: async () => void (attempts += 1),
        onAnswer: async (file) => void answers.push(file),
      }
      const done = bring(bringing, wanted)
      done.catch(() => undefined)
      return {
        paths,
        done,
        read: () => readFile(path),
        answers,
        attempts: () => attempts,
        progress: () => progress,
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
