import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const fixture = fileURLToPath(new URL('fixtures/stopping.ts', import.meta.url))

function start(how: string) {
  const child = spawn(process.execPath, ['--conditions=@easel/source', fixture, how])
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exit = once(child, 'close').then(([code]) => code as number | null)
  return {
    child,
    exit,
    output: () => output,
    says: (text: string) => expect.poll(() => output, { timeout: 10_000 }).toContain(text),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exit
    },
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops cleanly with exit code 0', async (signal) => {
  await using app = start('clean')
  await app.says('running')

  app.child.kill(signal)

  await expect(app.exit).resolves.toBe(0)
  expect(app.output()).toContain('cleaned up')
})

test('a stop that hangs past its grace is cut short with exit code 1', async () => {
  await using app = start('hang')
  await app.says('running')

  app.child.kill('SIGTERM')

  await expect(app.exit).resolves.toBe(1)
  expect(app.output()).toContain('the stop took too long')
})

test('a second signal stops at once', async () => {
  await using app = start('forever')
  await app.says('running')

  app.child.kill('SIGTERM')
  await app.says('stopping')
  app.child.kill('SIGTERM')

  await expect(app.exit).resolves.toBe(1)
  expect(app.output()).toContain('stopped at once')
})

test('a stop that fails leaves with exit code 1', async () => {
  await using app = start('fail')
  await app.says('running')

  app.child.kill('SIGTERM')

  await expect(app.exit).resolves.toBe(1)
  expect(app.output()).toContain('boom')
})

test.each(['throw', 'reject'])('what nobody catches is logged and fatal (%s)', async (how) => {
  await using app = start(how)

  await expect(app.exit).resolves.toBe(1)
  expect(app.output()).toMatch(/"level":"fatal".*unforeseen/)
})
