import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Order, SimulatorOrder } from '../inside/orders.ts'
import type { Cluster, Role } from './cluster.ts'
import type { FaultKind, PlannedFault } from './fault-plan.ts'
import type { Member } from './member.ts'
import type { Messages } from './messages.ts'
import { Random } from './random.ts'
import { flushRedis } from './redis.ts'
import { copyStreams, rollBackStreams } from './server.ts'

export type FaultContext = { cluster: Cluster; messages: Messages }

/** What a fault strikes, and how. Two faults never strike one target at a time. */
type Strike = { target: string; strike: () => Promise<void> }

/** How long things may stay away from each other before the streams are rolled back. */
const rollBackMs = 1_500
const hourMs = 60 * 60_000

export function strikeOf(fault: PlannedFault, context: FaultContext): Strike {
  const [verb = '', noun = ''] = fault.kind.split(' ')
  if (fault.kind in serverFaults) return serverFaults[fault.kind]!(fault, context)
  if (verb === 'simulate') return simulated(fault, context)
  if (noun === 'link') return linked(fault, context)
  return processed(fault, verb, context.cluster.of(noun as Role))
}

function processed({ target, holdMs }: PlannedFault, verb: string, members: readonly Member[]): Strike {
  const member = members[target % members.length]!
  return {
    target: member.name,
    async strike() {
      if (verb === 'kill') await member.kill()
      if (verb === 'restart') await member.restart()
      if (verb === 'pause') {
        member.signal('SIGSTOP')
        await delay(holdMs)
        member.signal('SIGCONT')
        return
      }
      await member.untilReady(30_000).catch(() => undefined)
    },
  }
}

function simulated({ kind, target, holdMs }: PlannedFault, { cluster }: FaultContext): Strike {
  const members = cluster.of('comfyui')
  const member = members[target % members.length]!
  const order: SimulatorOrder = {
    type: 'inject',
    kind: kind.slice('simulate '.length) as SimulatorOrder['kind'],
    restartAfterMs: holdMs,
  }
  return {
    target: member.name,
    async strike() {
      member.order(order)
      if (kind !== 'simulate hang') return delay(Math.min(holdMs, 500))
      // It answers, and never gets on: whoever looks after it starts it anew.
      await delay(holdMs)
      await member.kill()
      await member.untilReady(30_000)
    },
  }
}

function linked({ kind, target, holdMs, dice }: PlannedFault, { cluster }: FaultContext): Strike {
  const link = cluster.links.all[target % cluster.links.all.length]!
  return {
    target: link.name,
    async strike() {
      if (kind === 'reset link') {
        link.set({ refuse: true })
        link.reset()
        await delay(Math.min(holdMs, 1_000))
      } else {
        if (kind === 'cut link') link.set({ blackhole: 'both' })
        if (kind === 'cut link one way') link.set({ blackhole: dice < 0.5 ? 'toTarget' : 'toClient' })
        if (kind === 'slow link') link.set({ delayMs: Math.round(20 + dice * 400) })
        await delay(holdMs)
      }
      // Where bytes were swallowed nothing fits any more: what is still open has missed some.
      link.set({})
      if (kind.startsWith('cut')) link.reset()
    },
  }
}

type ServerFault = (fault: PlannedFault, context: FaultContext) => Strike

const serverFaults: Partial<Record<FaultKind, ServerFault>> = {
  'kill nats': ({ holdMs }, { cluster: { servers } }) => down('nats', servers.nats, holdMs),
  'kill redis': ({ holdMs }, { cluster: { servers } }) => down('redis', servers.redis, holdMs),
  'kill postgres': ({ holdMs }, { cluster: { servers } }) => down('postgres', servers.postgres, holdMs),
  'restart postgres': (_fault, { cluster: { servers } }) => ({
    target: 'postgres',
    async strike() {
      await servers.postgres.stop()
      await servers.postgres.start()
    },
  }),
  'pause nats': ({ holdMs }, { cluster: { servers } }) => paused('nats', servers.nats, holdMs),
  'pause postgres': ({ holdMs }, { cluster: { servers } }) => paused('postgres', servers.postgres, holdMs),
  'roll back nats': ({ dice }, { cluster: { servers, folder } }) => ({
    target: 'nats',
    async strike() {
      const copy = join(folder, 'streams-before')
      await copyStreams(servers, copy)
      await delay(dice * rollBackMs)
      await rollBackStreams(servers, copy)
    },
  }),
  'flush redis': (_fault, { cluster: { servers } }) => ({
    target: 'redis',
    strike: () => flushRedis(servers.redis.url),
  }),
  'repeat messages': ({ dice }, { messages }) => ({
    target: 'nats',
    async strike() {
      await messages.repeat(60, new Random(dice * 2 ** 32))
    },
  }),
  'skew clock': ({ target, dice, holdMs }, { cluster }) => {
    const members = [...cluster.of('worker'), ...cluster.of('control'), ...cluster.of('gateway')]
    const skewMs = Math.round((dice * 2 - 1) * hourMs)
    return ordered(members[target % members.length]!, holdMs, [
      { type: 'clock', skewMs },
      { type: 'clock', skewMs: 0 },
    ])
  },
  'fill disk': ({ target, holdMs }, { cluster }) => {
    const members = [...cluster.of('worker'), ...cluster.of('gallery'), ...cluster.of('gateway')]
    return ordered(members[target % members.length]!, holdMs, [
      { type: 'disk', full: cluster.blobs },
      { type: 'disk', full: undefined },
    ])
  },
}

type Pausable = { signal(signal: NodeJS.Signals): void }
type Killable = { kill(): Promise<void>; start(): Promise<void> }

function paused(target: string, server: Pausable, holdMs: number): Strike {
  return {
    target,
    async strike() {
      server.signal('SIGSTOP')
      await delay(holdMs)
      server.signal('SIGCONT')
    },
  }
}

function down(target: string, server: Killable, holdMs: number): Strike {
  return {
    target,
    async strike() {
      await server.kill()
      await delay(holdMs / 2)
      await server.start()
    },
  }
}

function ordered(member: Member, holdMs: number, [begin, end]: readonly [Order, Order]): Strike {
  return {
    target: member.name,
    async strike() {
      member.order(begin)
      await delay(holdMs)
      member.order(end)
    },
  }
}
