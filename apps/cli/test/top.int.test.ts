import { describe, expect, test } from 'vitest'
import { hasScript, runInTerminal } from './support/run-in-terminal.ts'
import { startCli } from './support/start-cli.ts'
import { aDownload, key, problem } from './support/stand-in-gateway.ts'
import { wan } from './support/top-samples.ts'

const leave = '\x1b[?25h\x1b[?1049l'

async function startTop() {
  const cli = await startCli()
  cli.server.on('GET /api/bundles', { body: { items: [{ ...wan, name: 'Wan' }], nextCursor: null } })
  cli.server.on('GET /api/bundles/wan/status', { body: wan })
  cli.server.on('GET /api/downloads', { body: { items: [], nextCursor: null } })
  const env = { EASEL_URL: cli.server.url, EASEL_API_KEY: key }
  const top = runInTerminal(['dl', 'top'], { env, home: cli.path, size: '80x24' })
  return {
    ...top,
    server: cli.server,
    [Symbol.asyncDispose]: async () => {
      await top[Symbol.asyncDispose]()
      await cli[Symbol.asyncDispose]()
    },
  }
}

/** Echo and line editing are on again, and the cursor and the old screen are back. */
function isRestored(written: string): boolean {
  const after = written.slice(written.lastIndexOf(leave))
  return written.includes(leave) && /[^-]\bicanon\b/.test(after) && / echo\b/.test(after)
}

describe.runIf(hasScript())('in a terminal', () => {
  test('files are chosen, fetched and watched by keys, in 80 by 24', async () => {
    await using top = await startTop()
    const running = aDownload({ status: 'running', bytesDone: 2_048, bytesPerSecond: 1_024, etaSeconds: 2 })
    top.server.on('POST /api/downloads', { status: 202, body: running })
    top.server.on(`POST /api/downloads/${running.id}/pause`, { body: { ...running, status: 'paused' } })

    await top.sees('wan_high_noise')
    top.type('\r')
    await top.sees('2/5 selected')
    top.type('fvae')
    await top.sees('(2 hidden)')
    await top.sees('Filter: vae_')
    top.type('\r')
    await top.sees('Filter: vae (Esc')
    top.server.on('GET /api/downloads', { body: { items: [running], nextCursor: null } })
    top.type('d')
    await top.sees('1 under way')
    top.type('\x1b')
    await top.sees('wan_high_noise')
    top.type('\t')
    await top.sees(/running +castle.* 50%/)
    top.server.on('GET /api/downloads', {
      body: { items: [{ ...running, status: 'paused' }], nextCursor: null },
    })
    top.type('\x1b')
    await top.sees('paused')
    top.type('q')

    expect(await top.ended).toBe(0)
    expect(isRestored(top.written())).toBe(true)
    expect(top.server.bodies('POST /api/downloads')).toMatchObject([
      { filename: 'wan_high_noise.safetensors' },
      { filename: 'wan_low_noise.safetensors' },
    ])
    expect(top.server.requestsTo(`POST /api/downloads/${running.id}/pause`)).toHaveLength(1)
  })

  test('what the server refuses is told in the screen', async () => {
    await using top = await startTop()
    top.server.on('POST /api/downloads', problem(507, 'DISK_FULL', { detail: 'There is no room' }))

    await top.sees('wan_high_noise')
    top.type('ad')
    await top.sees('There is no room')
    top.type('\x03')

    expect(await top.ended).toBe(0)
    expect(isRestored(top.written())).toBe(true)
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s leaves the terminal as it was', async (signal) => {
    await using top = await startTop()

    await top.sees('wan_high_noise')
    await top.kill(signal)

    expect(await top.ended).toBe(130)
    expect(isRestored(top.written())).toBe(true)
  })

  test('a server that talks nonsense ends the screen, and the error is seen', async () => {
    await using top = await startTop()
    await top.sees('wan_high_noise')

    top.server.on('GET /api/bundles', { body: { items: null } })
    top.type('r')

    expect(await top.ended).toBe(1)
    const { length } = leave
    const written = top.written()
    expect(isRestored(written)).toBe(true)
    expect(written.slice(written.lastIndexOf(leave) + length)).toContain('TypeError')
  })
})

test('in a pipe it says what to take instead', async () => {
  await using cli = await startCli()

  const { code, stderr } = await cli.easel('dl', 'top')

  expect(code).toBe(2)
  expect(stderr).toContain('easel dl list')
})
