import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Which type of package may import which other (the `type:` tag in project.json). What is not listed is forbidden.
 * Tests, benchmarks and tools stand outside of it: see `inTest`.
 */
const allowedTypes = {
  app: ['contract', 'protocol', 'platform'],
  composition: ['app', 'contract', 'protocol', 'platform'],
  ui: ['ui', 'client', 'contract', 'protocol', 'platform'],
  client: ['contract', 'protocol'],
  platform: ['platform', 'protocol'],
  contract: ['protocol'],
  protocol: [],
  testing: ['platform', 'protocol'],
}

const packages = globSync(['apps/*/project.json', 'libs/*/project.json', 'libs/shared/*/project.json']).map(
  (path) => {
    const { tags = [] } = JSON.parse(readFileSync(path, 'utf8'))
    const tag = (name) => tags.find((each) => each.startsWith(`${name}:`))?.slice(name.length + 1)
    const [type, runtime] = [tag('type'), tag('runtime')]
    if (!(type in allowedTypes))
      throw new Error(`${path} needs a tag type:{${Object.keys(allowedTypes).join(',')}}`)
    if (runtime !== 'web' && runtime !== 'node') throw new Error(`${path} needs a tag runtime:{node,web}`)
    return { folder: dirname(path), type, runtime }
  },
)

const anyOf = (folders) => `^(${folders.join('|')})/`
const ofTypes = (types) => packages.filter(({ type }) => types.includes(type)).map(({ folder }) => folder)
const ofRuntime = (wanted) => packages.filter(({ runtime }) => runtime === wanted).map(({ folder }) => folder)

const inTest = '(^|/)test/|\\.test\\.ts$|^(tools|bench|e2e)/'
const workspace = '^(apps|libs)/'

const betweenPackages = packages.map(({ folder, type }) => ({
  name: `type-${type}-of-${folder.replaceAll('/', '-')}`,
  comment: `${folder} (type:${type}) may import only: ${allowedTypes[type].join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^${folder}/`, pathNot: inTest },
  to: { path: workspace, pathNot: anyOf([folder, ...ofTypes(allowedTypes[type])]) },
}))

const only = (name, { what, from, comment }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(apps|libs|tools|bench|e2e)/', pathNot: from },
  to: { path: what },
})

const never = (name, { from, to, comment, fromNot }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, ...(fromNot ? { pathNot: fromNot } : {}) },
  to: typeof to === 'string' ? { path: to } : to,
})

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...betweenPackages,

    never('no-cycles', {
      from: '',
      to: { circular: true },
      comment: 'A cycle has no first file to understand.',
    }),
    {
      name: 'no-orphans',
      comment: 'Nobody imports it and it imports nothing. Entry points are started, not imported.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: `${inTest}|/src/(main|telemetry|index|app|config)\\.ts$|\\.config\\.[a-z]+$|\\.d\\.ts$|^apps/web/public/`,
      },
      to: {},
    },
    never('resolvable', {
      from: '',
      to: { couldNotResolve: true },
      comment: 'It is not installed, or not declared.',
    }),

    only('nats-in-bus', {
      what: '(^|/)@nats-io/',
      from: '^libs/shared/bus/',
      comment: 'Only libs/shared/bus speaks to NATS.',
    }),
    only('nest-microservices-in-bus', {
      what: '(^|/)@nestjs/microservices(/|$)',
      from: '^libs/shared/bus/',
      comment: "Nest's NATS transport lies under the typed contracts of libs/shared/bus.",
    }),
    only('undici-at-the-edge', {
      what: '(^|/)undici(/|$)',
      from: '^libs/shared/http/|^libs/comfyui/|\\.(source|provider)\\.ts$|^apps/downloader/(src|test)/transfers?/',
      comment: 'Outside services are called through libs/shared/http, a source or a provider.',
    }),
    only('testing-in-tests', {
      what: '^libs/shared/testing/',
      from: `${inTest}|^libs/shared/testing/`,
      comment: 'What tests use is never part of a running service.',
    }),
    only('embedded-in-standalone', {
      what: '^libs/shared/embedded/',
      from: `${inTest}|^libs/shared/(embedded|testing)/|^apps/standalone/`,
      comment: 'A service is given URLs; it never starts servers.',
    }),
    never('testing-below-bus-and-database', {
      from: '^libs/shared/(testing|embedded)/',
      to: '^libs/shared/(bus|database)/',
      comment: 'The tests of these two import libs/shared/testing.',
    }),
    never('tests-stay-out', {
      from: '^(apps|libs)/',
      fromNot: inTest,
      to: '\\.test\\.ts$|/test/',
      comment: 'Nothing that runs imports a test.',
    }),
    never('apps-by-their-front-door', {
      from: '^apps/standalone/',
      to: { path: '^apps/(?!standalone/)', pathNot: '^apps/[^/]+/src/app\\.ts$' },
      comment: 'The composition starts apps by their app.ts and knows nothing else of them.',
    }),
    never('app-never-app', {
      from: '^apps/([^/]+)/',
      fromNot: '^apps/standalone/',
      to: { path: '^apps/', pathNot: '^apps/$1/' },
      comment: 'Apps talk over the bus, in tests too.',
    }),

    never('repositories-know-rows-only', {
      from: '\\.repository\\.ts$',
      to: '^libs/shared/(contracts|bus|http)/',
      comment: 'Arguments of a repository are plain or Prisma types.',
    }),
    never('services-below-the-edge', {
      from: '\\.service\\.ts$',
      to: '\\.(rpc|controller)\\.ts$',
      comment: 'The edge calls the service.',
    }),
    never('generated-behind-the-store', {
      from: workspace,
      fromNot: `${inTest}|/src/generated/|\\.(repository|store|service)\\.ts$|-view\\.ts$|/src/app\\.ts$`,
      to: '/src/generated/',
      comment: 'Prisma rows stay between repository, store, view and service.',
    }),

    never('web-without-node', {
      from: anyOf(ofRuntime('web')),
      fromNot: inTest,
      to: { path: anyOf(ofRuntime('node')), reachable: true },
      comment: 'What runs in a browser reaches nothing that needs Node.',
    }),
    never('web-without-builtins', {
      from: anyOf(ofRuntime('web')),
      // What stands beside `src` belongs to the build.
      fromNot: `${inTest}|^apps/[^/]+/[^/]+\\.ts$`,
      to: { dependencyTypes: ['core'] },
      comment: 'A browser has no Node built-ins.',
    }),
  ],
  options: {
    // Its own TypeScript 6 (pnpm-workspace.yaml): the 7 that we compile with has no JavaScript API.
    parser: 'tsc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '/src/generated/'] },
    exclude: { path: ['/dist/', '/fixtures/'] },
    enhancedResolveOptions: {
      conditionNames: ['@easel/source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
    cache: false,
  },
}
