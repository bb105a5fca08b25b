import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { tempDirectory } from '@easel/testing'
import { expect, test } from 'vitest'
import { aModel, sha256, startFileServer } from './support/file-server.ts'

const script = fileURLToPath(new URL('support/engine-process.main.ts', import.meta.url))
/** The long form: EASEL_TEST_KILLS=100. */
const kills = Number(process.env.EASEL_TEST_KILLS ?? 10)
const seed = Number(process.env.EASEL_TEST_SEED ?? Date.now() % 1_000_000)
const bytes = aModel(24_000_000)
const hash = sha256(bytes)
const connections = 8
/** What had not filled its block of 256 KiB, and as much on its way. */
const lostBytes = 512 * 1024

/** Mulberry32: the points of a failed run can be had again. */
function randomOf(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function startEngineProcess(url: string, directory: string) {
  const child = spawn(
    process.execPath,
    ['--conditions=@easel/source', '--disable-warning=ExperimentalWarning', script, url, directory, hash],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return { child, ended }
}

/** Only whole files have names. */
async function requireNothingPartial(directory: string): Promise<boolean> {
  const names = await readdir(join(directory, 'models')).catch(() => [])
  for (const name of names) expect((await readFile(join(directory, 'models', name))).equals(bytes)).toBe(true)
  return names.length > 0
}

test(
  `${kills} kills at random points lose nothing, fetch next to nothing twice, and show nothing partial`,
  async () => {
    await using server = await startFileServer()
    const random = randomOf(seed)
    for (let done = 0, file = 0; done < kills; file++) {
      await using directory = await tempDirectory()
      const path = `/file-${file}.safetensors`
      const url = server.put(path, bytes, { bytesPerSecond: 2_000_000 })
      let allowed = bytes.length * 1.02
      for (let ended = false; !ended;) {
        const { child, ended: exit } = startEngineProcess(url, directory.path)
        const until = server.sent(path) + random() * bytes.length * 0.8
        const grace = random() * 40
        while (child.exitCode === null && done < kills && server.sent(path) < until) await delay(3)
        await delay(grace)
        if (done < kills && child.exitCode === null) {
          child.kill('SIGKILL')
          done += 1
          allowed += connections * lostBytes
        }
        ended = (await exit) === 0
        const named = await requireNothingPartial(directory.path)
        if (ended) expect(named, `seed ${seed}, file ${file}`).toBe(true)
      }
      expect(server.sent(path), `seed ${seed}, file ${file}`).toBeLessThan(allowed)
    }
  },
  60_000 + kills * 6_000,
)
