export { startComfySim, type ComfySim, type ComfySimStats, type SeenPrompt } from './sim.ts'
export type { ComfySimOptions, FailureKind, FailureRule, NodePack, PreviewMethod } from './options.ts'
export { paint, type Subject } from './painting.ts'
