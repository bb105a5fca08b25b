import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Imports by file. Each case has folders of its own: `*` in a path becomes its number. */
type Case = { files: Record<string, string>; rule?: string }

const importing = (module: string) => `import * as it from '${module}'\nexport const used = it`

const allowed: Record<string, Case> = {
  'an app that imports contracts': { files: { 'apps/catalog/src/*/main.ts': importing('@easel/contracts') } },
  'the composition that starts an app': {
    files: { 'apps/standalone/src/*/main.ts': importing('@easel/catalog/app') },
  },
  'NATS in the bus': { files: { 'libs/shared/bus/src/*/nats.ts': importing('@nats-io/nats-core') } },
  'the testing library in a test': {
    files: { 'libs/shared/bus/test/*/a.int.test.ts': importing('@easel/testing') },
  },
  'undici in a source': { files: { 'apps/catalog/src/*/civitai.source.ts': importing('undici') } },
}

const refuse = (path: string, module: string, rule: string): Case => ({
  files: { [path]: importing(module) },
  rule,
})

const forbidden: Record<string, Case> = {
  'an app that imports an app': refuse('apps/catalog/src/*/a.ts', '@easel/gallery/app', 'app-never-app'),
  'a test of an app that imports an app': refuse(
    'apps/catalog/test/*/a.test.ts',
    '@easel/gallery/app',
    'app-never-app',
  ),
  'a type of package that is not listed': refuse(
    'apps/catalog/src/*/a.ts',
    '@easel/client',
    'type-app-of-apps-catalog',
  ),
  'the composition that reaches past app.ts': refuse(
    'apps/standalone/src/*/a.ts',
    '../../../catalog/src/index.ts',
    'apps-by-their-front-door',
  ),
  'a platform library that knows a contract': refuse(
    'libs/shared/bus/src/*/a.ts',
    '@easel/contracts',
    'type-platform-of-libs-shared-bus',
  ),
  'a contract that knows the platform': refuse(
    'libs/shared/contracts/src/*/a.ts',
    '@easel/blobs',
    'type-contract-of-libs-shared-contracts',
  ),
  'the protocol that imports anything': refuse(
    'libs/shared/protocol/src/*/a.ts',
    '@easel/contracts',
    'type-protocol-of-libs-shared-protocol',
  ),
  'a browser library that reaches Node': refuse(
    'libs/shared/contracts/src/*/a.ts',
    '@easel/blobs',
    'web-without-node',
  ),
  'a browser library that uses a built-in': refuse(
    'libs/shared/protocol/src/*/a.ts',
    'node:fs',
    'web-without-builtins',
  ),
  'NATS in a service': refuse('apps/inference/src/*/a.ts', '@nats-io/nats-core', 'nats-in-bus'),
  'NATS in the testing library': refuse(
    'libs/shared/testing/src/*/a.ts',
    '@nats-io/nats-core',
    'nats-in-bus',
  ),
  'Nest over NATS in a service': refuse(
    'apps/catalog/src/*/a.rpc.ts',
    '@nestjs/microservices',
    'nest-microservices-in-bus',
  ),
  'undici in a service': refuse('apps/catalog/src/*/a.service.ts', 'undici', 'undici-at-the-edge'),
  'the testing library in what runs': refuse('apps/catalog/src/*/a.ts', '@easel/testing', 'testing-in-tests'),
  'an app that starts servers': refuse(
    'apps/catalog/src/*/a.ts',
    '@easel/embedded',
    'embedded-in-standalone',
  ),
  'the testing library above the bus': refuse(
    'libs/shared/testing/src/*/a.ts',
    '@easel/bus',
    'testing-below-bus-and-database',
  ),
  'a repository that knows contracts': refuse(
    'apps/catalog/src/*/a.repository.ts',
    '@easel/contracts',
    'repositories-know-rows-only',
  ),
  'a module that is not there': refuse('apps/catalog/src/*/a.ts', './nowhere.ts', 'resolvable'),
  'a border that is crossed for a type': {
    files: {
      'apps/catalog/src/*/a.ts':
        "import type { start } from '@easel/gallery/app'\nexport type It = typeof start",
    },
    rule: 'app-never-app',
  },
  'a service that calls the edge': {
    files: {
      'apps/catalog/src/*/a.rpc.ts': 'export const edge = 1',
      'apps/catalog/src/*/a.service.ts': importing('./a.rpc.ts'),
    },
    rule: 'services-below-the-edge',
  },
  'rows of the database at the edge': {
    files: {
      'apps/catalog/src/generated/*.ts': 'export const row = 1',
      'apps/catalog/src/*/a.rpc.ts': importing('../generated/*.ts'),
    },
    rule: 'generated-behind-the-store',
  },
  'running code that imports a test': {
    files: {
      'apps/catalog/test/*/start.ts': 'export const it = 1',
      'apps/catalog/src/*/a.ts': importing('../../test/*/start.ts'),
    },
    rule: 'tests-stay-out',
  },
  'a cycle': {
    files: {
      'apps/catalog/src/*/a.ts': "import { b } from './b.ts'\nexport const a = () => b",
      'apps/catalog/src/*/b.ts': "import { a } from './a.ts'\nexport const b = () => a",
    },
    rule: 'no-cycles',
  },
  'an orphan': { files: { 'apps/catalog/src/*/alone.ts': 'export const it = 1' }, rule: 'no-orphans' },
}

const cases = { ...allowed, ...forbidden }
const numberOf = (name: string) => `case-${Object.keys(cases).indexOf(name)}`

let copy = ''
let violations: { from: string; rule: { name: string } }[] = []

/** A skeleton of the repository (its packages with their names and tags) with every case in it, and one report. */
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'easel-imports-'))
  await copyPackages()
  await fakeDependencies(['@nats-io/nats-core', '@nestjs/microservices', 'undici'])
  for (const [name, { files }] of Object.entries(cases)) {
    for (const [path, text] of Object.entries(files)) {
      await write(path.replaceAll('*', numberOf(name)), text.replaceAll(/(?<=\/)\*(?=[./])/g, numberOf(name)))
    }
  }
  violations = await depcruise()
})

afterAll(() => rm(copy, { recursive: true, force: true }))

async function copyPackages(): Promise<void> {
  const projects = globSync(['apps/*/project.json', 'libs/*/project.json', 'libs/shared/*/project.json'], {
    cwd: root,
  })
  await mkdir(join(copy, 'node_modules/@easel'), { recursive: true })
  for (const folder of projects.map((path) => dirname(path))) {
    await mkdir(join(copy, folder), { recursive: true })
    for (const name of ['project.json', 'package.json']) {
      await cp(join(root, folder, name), join(copy, folder, name))
    }
    await write(`${folder}/src/index.ts`, 'export const here = 1')
    await write(`${folder}/src/app.ts`, 'export const start = 1')
    // As if every package had declared every other one.
    await symlink(join(copy, folder), join(copy, 'node_modules/@easel', basename(folder)))
  }
  for (const name of ['.dependency-cruiser.mjs', 'package.json']) await cp(join(root, name), join(copy, name))
}

async function fakeDependencies(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
    await write(`node_modules/${name}/index.js`, '')
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(copy, path)), { recursive: true })
  await writeFile(join(copy, path), `${text}\n`)
}

function depcruise(): Promise<typeof violations> {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const args = [program, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'apps', 'libs']
  return new Promise((fulfil, reject) => {
    execFile(process.execPath, args, { cwd: copy, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // It exits non-zero where a rule is broken; without a report, it did not run.
      if (stdout.startsWith('{')) fulfil(JSON.parse(stdout).summary.violations)
      else reject(new Error(`depcruise gave no report: ${stderr}`, { cause: error }))
    })
  })
}

const brokenBy = (name: string) =>
  violations.filter(({ from }) => from.includes(`/${numberOf(name)}/`)).map(({ rule }) => rule.name)

describe('the import rules refuse', () => {
  test.each(Object.keys(forbidden))('%s', (name) => {
    expect(brokenBy(name)).toContain(forbidden[name]?.rule)
  })
})

describe('the import rules let pass', () => {
  test.each(Object.keys(allowed))('%s', (name) => {
    expect(brokenBy(name)).toEqual([])
  })
})
