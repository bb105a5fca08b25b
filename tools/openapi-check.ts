import { readFile } from 'node:fs/promises'
import { apiFiles } from './api-files.ts'

for (const [path, text] of await apiFiles()) {
  const committed = await readFile(path, 'utf8').catch(() => '')
  if (committed === text) continue
  console.error(`${path} is not what the gateway's routes say. Write it: node tools/openapi.ts`)
  process.exitCode = 1
}
