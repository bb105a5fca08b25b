import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { runnerImport } from 'vite'

const root = dirname(import.meta.dirname)

export const snapshotPath = join(root, 'libs/shared/contracts/contracts.snapshot.json')

/** The contracts as they are now, as the text that is committed. */
export async function contractSnapshot(): Promise<string> {
  // Decorators keep Node from running the contracts' source as it is; Vite compiles it as the tests do.
  const { module } = await runnerImport<{ describeContracts: () => object }>(
    join(root, 'tools/describe-contracts.ts'),
    {
      configFile: false,
      logLevel: 'error',
      environments: {
        inline: { resolve: { conditions: ['@easel/source', 'node'], noExternal: [/^@easel\//] } },
      },
    },
  )
  return format(JSON.stringify(module.describeContracts()), {
    ...(await resolveConfig(snapshotPath)),
    parser: 'json',
  })
}
