import { newId } from '@easel/protocol'
import type { Context } from '../commands/context.ts'
import { follow } from '../downloads/add-download.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { findCollection } from './find-collection.ts'

export async function fetchCollection(
  context: Context,
  name: string,
  { wait = true }: { wait?: boolean | undefined },
): Promise<ExitCode> {
  const { out } = context
  const { collections } = await context.api()
  const { id } = await findCollection(collections, name)
  const fetched = await collections.fetch(id, {}, { idempotencyKey: newId() })
  const { download, unfetched } = fetched
  if (wait && download) await follow(context, download)
  else if (out.json) out.printJson(fetched)
  else if (download) out.print(download.id)
  else if (unfetched.length === 0) out.note('All of it is here.')
  for (const { title, problem } of unfetched) out.note(`${title}: ${problem}`)
  return unfetched.length > 0 ? exitCodes.failed : exitCodes.ok
}
