import { join } from 'node:path'
import { tempDirectory } from '@easel/testing'
import { expect, test } from 'vitest'
import { LaneFile } from '../src/transfers/lane/lane-file.ts'
import { Lanes } from '../src/transfers/lane/lanes.ts'
import { unlimited } from './support/start-engine.ts'

test('who is stopped hears why, whatever was being asked for', async () => {
  await using directory = await tempDirectory()
  await using lanes = new Lanes(1)
  const stop = new AbortController()
  const path = join(directory.path, 'partial')
  await using file = await LaneFile.open(lanes.pick(), {
    path,
    journal: `${path}.ranges`,
    boot: 'this boot',
    bandwidth: unlimited,
    signal: stop.signal,
  })
  const finishing = file.finish(false)
  const reason = new Error('stopped')

  stop.abort(reason)

  await expect(finishing).rejects.toBe(reason)
  await expect(file.finish(false)).rejects.toBe(reason)
})
