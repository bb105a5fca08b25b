import { writeFile } from 'node:fs/promises'
import { apiFiles } from './api-files.ts'

for (const [path, text] of await apiFiles()) await writeFile(path, text)
