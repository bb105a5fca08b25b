import { readFile } from 'node:fs/promises'
import type { ImportedCollections } from '@easel/client'
import type { Context } from '../commands/context.ts'
import { usageError } from '../exit-codes.ts'
import { formatCount } from '../output/units.ts'

const longest = 256 * 1_024

export async function importCollections(
  context: Context,
  path: string,
  { dryRun = false }: { dryRun?: boolean | undefined },
): Promise<void> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? usageError(`There is no file ${path}`) : cause
  })
  if (text.length > longest) throw usageError(`${path} is too large: ${longest / 1_024} KiB at most`)
  const { out } = context
  const imported = await (await context.api()).collections.import({ text, dryRun })
  out.show(imported, linesOf)
  if (!out.json) for (const { path: place, message } of imported.remarks) out.note(`${place}: ${message}`)
}

function linesOf({ collections }: ImportedCollections): string[] {
  return collections.map(
    ({ name, outcome, entryCount }) => `${name}  ${outcome}, ${formatCount(entryCount, 'LoRA')}`,
  )
}
