import { writeFile } from 'node:fs/promises'
import { contractSnapshot, snapshotPath } from './contract-snapshot.ts'

await writeFile(snapshotPath, await contractSnapshot())
