import { defineConfig } from 'vitest/config'
import { existsSync, globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'

const folders = globSync(['apps/*', 'libs/*', 'libs/shared/*', 'tools', 'e2e']).filter(
  (folder) => existsSync(join(folder, 'package.json')) || folder === 'tools' || folder === 'e2e',
)

// Workspace packages resolve to their source, so that tests need no build. Node gets these too, for `require` as
// well: `import` must not be among them.
const conditions = ['@easel/source', 'node']
const resolution = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  environments: { __vitest__: { resolve: { conditions } } },
}

export default defineConfig({
  ...resolution,
  test: {
    // For the run as a whole: the projects do not inherit it.
    globalSetup: ['libs/shared/testing/src/global-setup.ts'],
    // Most tests wait for real servers more than they compute: one file at a time would leave two cores idle.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: folders.map((folder) => ({
      ...resolution,
      test: {
        name: basename(folder),
        include: [`${folder}/{src,test}/**/*.test.ts`, `tools/**/*.test.ts`, `e2e/**/*.test.ts`].filter(
          (glob) => glob.startsWith(folder),
        ),
        testTimeout: 30_000,
        hookTimeout: 60_000,
      },
    })),
  },
})
