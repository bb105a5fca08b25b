import { readFile } from 'node:fs/promises'
import { contractSnapshot, snapshotPath } from './contract-snapshot.ts'

const committed = await readFile(snapshotPath, 'utf8').catch(() => '')
if (committed !== (await contractSnapshot())) {
  console.error(
    'The contracts differ from contracts.snapshot.json. Within a version they only grow: look at what changed, ' +
      'then write it: node tools/contracts.ts',
  )
  process.exitCode = 1
}
