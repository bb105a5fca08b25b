import { startComfySim } from '@easel/comfy-sim'
import type { SimulatorOrder } from './orders.ts'

/** A ComfyUI that can be killed: a simulator in a process of its own. Arguments: port, folder. */
const [port = '0', folder] = process.argv.slice(2)
const simulator = await startComfySim({
  port: Number(port),
  ...(folder !== undefined && { baseDirectory: folder }),
  stepMs: 8,
  modelLoadMs: 60,
  nodePacks: ['testing'],
})
process.on('message', (order: SimulatorOrder) => {
  const { kind, restartAfterMs } = order
  simulator.inject({ kind, ...(restartAfterMs !== undefined && { restartAfterMs }) })
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
