import type { PartStatus, PoolView, SystemStatus, WorkerView } from '@easel/client'
import { exitCodes } from '../exit-codes.ts'
import { formatTable, type Column } from '../output/table.ts'
import { formatAge, formatBytes, formatSeconds } from '../output/units.ts'
import type { Program } from './context.ts'

const partColumns: readonly Column<PartStatus>[] = [
  { title: 'PART', value: ({ name }) => name },
  { title: 'STATE', value: ({ ok }) => (ok ? 'ok' : 'DOWN') },
  { title: 'MS', value: ({ ms }) => ms, side: 'right' },
  { title: 'ERROR', value: ({ error }) => error, flexible: true },
]

const workerColumns: readonly Column<WorkerView>[] = [
  { title: 'WORKER', value: ({ id }) => id },
  { title: 'POOL', value: ({ pool }) => pool },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'JOBS', value: ({ attempts, runSlots }) => `${attempts.length}/${runSlots}`, side: 'right' },
  { title: 'GPU', value: ({ gpu, simulator }) => (simulator ? 'SIMULATOR' : gpu), flexible: true },
  { title: 'VRAM FREE', value: vramOf, side: 'right', optional: true },
  { title: 'WARM', value: ({ warm }) => warm?.map(fileOf).join(' '), flexible: true, optional: true },
  { title: '$/H', value: hourOf, side: 'right', optional: true },
  { title: 'COMFYUI', value: ({ comfyVersion }) => comfyVersion, optional: true },
  { title: 'SEEN', value: ({ lastSeenAt }) => formatAge(lastSeenAt), optional: true },
]

const poolColumns: readonly Column<PoolView>[] = [
  { title: 'POOL', value: ({ name }) => name },
  { title: 'WORKERS', value: ({ workers, ready }) => `${ready}/${workers}`, side: 'right' },
  { title: 'RUNNING', value: ({ running }) => running, side: 'right' },
  { title: 'QUEUED', value: ({ queued }) => queued, side: 'right' },
  { title: 'OLDEST', value: ({ oldestQueuedSeconds }) => formatSeconds(oldestQueuedSeconds), side: 'right' },
]

export function addSystem({ root, act }: Program): void {
  const system = root
    .command('system')
    .summary('see how the server is')
    .description('See how the server is.')
    .addHelpText('after', examples)

  system
    .command('status')
    .description('Say how the server and its parts are; exit code 1 when one of them is down.')
    .action(
      act(async (context) => {
        const status = await (await context.api()).system.status()
        context.out.show(status, (found) => statusLines(found, context.out.columns))
        return status.ready ? exitCodes.ok : exitCodes.failed
      }),
    )
  system
    .command('workers')
    .description('List the workers.')
    .action(
      act(async (context) => {
        context.out.list(await (await context.api()).system.workers(), workerColumns)
      }),
    )
  system
    .command('pools')
    .description('List the pools of workers and their queues.')
    .action(
      act(async (context) => {
        context.out.list(await (await context.api()).system.pools(), poolColumns)
      }),
    )
  system
    .command('drain')
    .description('Give workers no more jobs; what runs ends. For admins.')
    .argument('<worker...>')
    .action(
      act(async (context, ids: string[]) => {
        const api = await context.api()
        for (const id of ids) await api.system.drain(id)
        if (context.out.json) context.out.printJson({ drained: ids })
      }),
    )
  system
    .command('resume')
    .description('Give workers jobs again after a drain. For admins.')
    .argument('<worker...>')
    .action(
      act(async (context, ids: string[]) => {
        const api = await context.api()
        for (const id of ids) await api.system.resume(id)
        if (context.out.json) context.out.printJson({ resumed: ids })
      }),
    )
}

function statusLines(status: SystemStatus, columns: number | undefined): string[] {
  const { version, ready, uptimeSeconds, parts, pools, workers } = status
  return [
    `Easel ${version}, ${ready ? 'ready' : 'NOT READY'}, up ${formatSeconds(uptimeSeconds)}`,
    '',
    ...formatTable(parts, partColumns, { columns }),
    ...(pools.length > 0 ? ['', ...formatTable(pools, poolColumns, { columns })] : []),
    ...(workers.length > 0 ? ['', ...formatTable(workers, workerColumns, { columns })] : ['', 'No workers.']),
  ]
}

const fileOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function hourOf({ costMicrosPerHour }: WorkerView): string {
  return costMicrosPerHour ? (costMicrosPerHour / 1_000_000).toFixed(2) : ''
}

function vramOf({ vramFree, vramTotal }: WorkerView): string {
  return vramTotal ? `${formatBytes(vramFree)} of ${formatBytes(vramTotal)}` : ''
}

const examples = `
Examples:
  easel system status
  easel system workers --json | jq -r '.items[].id'
  easel system drain comfy-0
  easel system resume comfy-0`
