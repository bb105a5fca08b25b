import type { ScanView } from '@easel/client'
import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from '../commands/context.ts'
import { formatBytes } from '../output/units.ts'

const lookMs = 500

export async function scanLibrary(
  context: Context,
  { path, wait }: { path: string | undefined; wait: boolean },
): Promise<ScanView> {
  const { library } = await context.api()
  let scan = await library.scan(path === undefined ? {} : { path })
  if (!wait) return scan
  using view = context.out.progress()
  while (scan.state === 'scanning') {
    const { bytesHashed, bytesToHash, found } = scan
    view.update({
      label: `scanning, ${found} found`,
      value: bytesToHash > 0 ? bytesHashed / bytesToHash : undefined,
      detail: bytesToHash > 0 ? `${formatBytes(bytesHashed)} of ${formatBytes(bytesToHash)}` : undefined,
    })
    await delay(lookMs)
    scan = (await library.stats()).scan
  }
  return scan
}
