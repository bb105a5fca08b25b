import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { migrate, openDatabase } from '@easel/database'
import { startPostgres } from '@easel/embedded'
import type { SearchModels } from '@easel/contracts'
import { SearchService } from '../../apps/catalog/src/models/search.service.ts'
import type { SourceAsker } from '../../apps/catalog/src/models/source-asker.ts'
import { fill } from './fill.ts'
import { casesOf, typedBeginnings } from './questions.ts'
import type { Question } from './questions.ts'
import { SqliteCatalogue } from './sqlite-catalogue.ts'

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '200000' },
    samples: { type: 'string', default: '90' },
    /** Keeps the filled databases there, for the next run. */
    data: { type: 'string' },
  },
})
const count = Number(values.models)
const samples = Number(values.samples)
const rounds = 3
/** For one turn of one kind of question, so that slow ones do not make the whole run long. */
const longestTurnMs = 1_500
const fewestSamples = 3
const warmUps = 5
const nobody = '00000000-0000-7000-8000-000000000000'

await using stack = new AsyncDisposableStack()
const folder = values.data ? resolve(values.data) : await mkdtemp(join(tmpdir(), 'easel-bench-search-'))
await mkdir(folder, { recursive: true })
// Postgres runs as a user of its own where the benchmark runs as root.
await chmod(folder, 0o755)
if (!values.data) stack.defer(() => rm(folder, { recursive: true, force: true }))
const filled = join(folder, 'filled')

const server = stack.use(await startPostgres({ dataDirectory: join(folder, 'postgres'), password: 'bench' }))
const directory = fileURLToPath(new URL('../../apps/catalog/prisma/migrations', import.meta.url))
await migrate({ url: server.url, schema: 'catalog', directory })
const database = stack.use(
  openDatabase({ url: server.url, schema: 'catalog', poolSize: 4, statementTimeoutMs: 0 }),
)
const sqlite = stack.use(new SqliteCatalogue(join(folder, 'models.sqlite')))
if (!existsSync(filled)) {
  const seconds = await fill(database, { count, folder })
  console.log(`Postgres filled with ${count} models in ${seconds.toFixed(0)} s`)
  sqlite.fill(count)
  await writeFile(filled, `${count}\n`)
}

// Neither has anything left to tidy up while it is measured.
await database.query('vacuum (analyze)')
await database.query('checkpoint')
sqlite.tidy()

// Sources are left out: what is measured is the answer from the tables.
const offline = { ask: () => Promise.resolve([]) } as unknown as SourceAsker
const service = new SearchService(database, offline)
const search = (question: Question) => service.find(toSearch(question), nobody)

type Way = { readonly name: string; readonly ask: (question: Question) => unknown }
const ways: readonly Way[] = [
  { name: 'Easel', ask: search },
  { name: 'SQLite LIKE', ask: (question) => sqlite.byLike(question) },
  { name: 'SQLite FTS5', ask: (question) => sqlite.byIndex(question) },
]

const byKey = () =>
  database.query('select * from models where key = $1', [1 + Math.floor(Math.random() * count)], {
    name: 'floor',
  })

const begun = typedBeginnings()
const typing: readonly (readonly [string, () => unknown])[] = [
  ['Easel', () => service.suggest({ q: begun() })],
  ['SQLite', () => sqlite.beginnings(begun())],
]
const typed = new Map<string, number[]>()
const asked = new Map<string, number[]>()
const cases = casesOf()
const floor: number[] = []
// They take turns, so that a slow minute of the machine hits all.
for (let round = 0; round < rounds; round++) {
  floor.push(...(await measure(byKey)))
  for (const [name, ask] of typing) add(typed, name, await measure(ask))
  for (const { name, next } of cases) {
    for (const way of ways) add(asked, `${name} ${way.name}`, await measure(() => way.ask(next())))
  }
}
console.log(`\none model by its key (the floor): ${line(floor)}\n`)
console.log(
  `${'ms: p50 / p95 / p99'.padEnd(28)}${ways.map(({ name }) => name.padStart(26)).join('')}   p50 to floor`,
)
const [easel, other] = typing.map(([name]) => typed.get(name)!)
report('typeahead', [easel!, other!, other!])
for (const { name } of cases)
  report(
    name,
    ways.map((way) => asked.get(`${name} ${way.name}`)!),
  )
const words = cases
  .filter(({ name }) => !name.startsWith('facets'))
  .flatMap(({ name }) => asked.get(`${name} Easel`)!)
console.log(`\nall searches of Easel without facets: ${line(words)}`)
console.log(`load of the machine: ${loadavg()[0]!.toFixed(1)}`)

async function measure(ask: () => unknown): Promise<number[]> {
  const times: number[] = []
  const started = performance.now()
  for (let index = 0; times.length < samples / rounds; index++) {
    const began = performance.now()
    if (times.length >= fewestSamples && began - started > longestTurnMs) break
    await ask()
    // The first are for caches and plans.
    if (index >= warmUps || began - started > longestTurnMs / 3) times.push(performance.now() - began)
  }
  return times
}

function report(name: string, times: readonly number[][]): void {
  const ratio = percentile(times[0]!, 0.5) / percentile(floor, 0.5)
  console.log(
    `${name.padEnd(28)}${times.map((each) => line(each).padStart(26)).join('')}   ${ratio.toFixed(1)}`,
  )
}

function line(times: readonly number[]): string {
  return [0.5, 0.95, 0.99].map((share) => percentile(times, share).toFixed(2)).join(' / ')
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

function add(to: Map<string, number[]>, name: string, times: readonly number[]): void {
  to.set(name, [...(to.get(name) ?? []), ...times])
}

function toSearch({ text, type, base, tag, facets }: Question): SearchModels {
  return {
    limit: 24,
    ...(text === undefined ? {} : { q: text }),
    ...(type ? { type } : {}),
    ...(base === undefined ? {} : { base: [base] }),
    ...(tag === undefined ? {} : { tag: [tag] }),
    ...(facets ? { facets } : {}),
  }
}
