import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { processorSeconds } from './processor-time.ts'

test('the time of children counts, that of strangers does not', async () => {
  const before = await processorSeconds()
  if (!existsSync('/proc/self/stat')) {
    expect(before).toBeUndefined()
    return
  }
  const child = spawn(process.execPath, ['-e', 'for (;;);'])
  try {
    await waitFor(async () => (await processorSeconds(child.pid))! > 0.2)

    expect(await processorSeconds()).toBeGreaterThan(before! + 0.15)
    expect(await processorSeconds(2 ** 22 + 1)).toBeUndefined()
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})
