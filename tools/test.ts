import { spawn } from 'node:child_process'
import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, ensurePrograms, ffmpeg, natsServer, redisServer } from '@easel/embedded'
import { countTests } from './test-report.ts'

const root = join(import.meta.dirname, '..')
const report = join(root, '.nx/test-report.json')

/** What must hold besides the tests, in this order: cheap ones first, and code is generated before it is read. */
const gates: [name: string, command: string, ...args: string[]][] = [
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['generate, lint, build', 'nx', 'run-many', '-t', 'generate', 'lint', 'build', '--output-style=static'],
  ['types', 'tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['lint of tools', 'oxlint', '--type-aware', 'tools', 'vitest.config.ts'],
  ['imports', 'depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'libs', 'tools', 'e2e', 'bench'],
  ['dead code', 'knip', '--no-config-hints'],
  ['migrations', 'node', '--conditions=@easel/source', 'tools/migrations.ts', 'check'],
  ...driftChecks(),
]

/** Generated files that must not differ from what they are generated from: each `tools/*check*.ts` is one gate. */
function driftChecks(): typeof gates {
  const files = globSync('tools/*check*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'))
  return files.sort().map((file) => [file, 'node', '--conditions=@easel/source', file])
}

async function main(): Promise<void> {
  const failed: string[] = []
  if (!(await havePrograms())) failed.push('programs')
  for (const [name, ...command] of gates) {
    const started = performance.now()
    console.log(`\n── ${name}`)
    const ok = await run(command)
    if (!ok) failed.push(name)
    console.log(
      `── ${name}: ${ok ? 'ok' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
    )
  }

  console.log('\n── tests')
  rmSync(report, { force: true })
  const ok = await run([
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  const tests = countTests(report)
  // An error outside of any test fails the run too.
  if (!ok && tests.failed === 0) failed.push('tests')

  if (failed.length > 0) console.log(`\nFailed gates: ${failed.join(', ')}`)
  process.exitCode = failed.length + tests.failed > 0 ? 1 : 0
  console.log(`\n${tests.passed} passed, ${tests.failed + failed.length} failed`)
}

/** Once, here: not by many tests at the same time, each wanting its own. */
async function havePrograms(): Promise<boolean> {
  try {
    const mayInstall = !process.env.EASEL_NO_INSTALL
    await ensurePrograms([natsServer, redisServer, ffmpeg, chromium], { mayInstall, log: console.log })
    return true
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause)
    return false
  }
}

function run([command = '', ...args]: readonly string[]): Promise<boolean> {
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } })
  return new Promise((resolve) => {
    child.once('error', (cause) => {
      console.error(cause.message)
      resolve(false)
    })
    child.once('exit', (code) => resolve(code === 0))
  })
}

await main()
