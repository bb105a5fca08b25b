import type { Command } from 'commander'
import { wholeNumber } from '../run/values.ts'

/** What every list takes. */
export function pageOptions(command: Command): Command {
  return command
    .option('--limit <n>', 'at most so many (50; 200 at most)', wholeNumber('--limit', { min: 1, max: 200 }))
    .option('--cursor <cursor>', 'go on where the list before ended')
}

export type PageOptions = { limit?: number; cursor?: string }
