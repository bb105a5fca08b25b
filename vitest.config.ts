import { defineConfig } from 'vitest/config'
import { existsSync, globSync } from 'node:fs'
import { basename, join } from 'node:path'

const folders = globSync(['apps/*', 'libs/*', 'libs/shared/*', 'tools', 'e2e']).filter(
  (folder) => existsSync(join(folder, 'package.json')) || folder === 'tools' || folder === 'e2e',
)

export default defineConfig({
  test: {
    globalSetup: ['libs/shared/testing/src/global-setup.ts'],
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.nx/test-report.json' }]] : ['default'],
    projects: folders.map((folder) => ({
      extends: true,
      resolve: { conditions: ['@easel/source', 'node', 'import', 'default'] },
      ssr: { resolve: { conditions: ['@easel/source', 'node', 'import', 'default'] } },
      test: {
        name: basename(folder),
        include: [`${folder}/{src,test}/**/*.test.ts`, `tools/**/*.test.ts`, `e2e/**/*.test.ts`].filter((glob) =>
          glob.startsWith(folder),
        ),
        testTimeout: 30_000,
        hookTimeout: 60_000,
      },
    })),
  },
})
