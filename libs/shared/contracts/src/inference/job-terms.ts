export const jobStatuses = [
  'queued',
  'running',
  'canceling',
  'succeeded',
  'failed',
  'canceled',
  'expired',
] as const
export type JobStatus = (typeof jobStatuses)[number]
export const terminalStatuses: readonly JobStatus[] = ['succeeded', 'failed', 'canceled', 'expired']

/** Inside `running`: each has its own start and end, so that every second is accounted for. */
export const jobPhases = [
  'fetching-inputs',
  'downloading-models',
  'loading-model',
  'generating',
  'saving',
] as const
export type JobPhase = (typeof jobPhases)[number]

export const jobKinds = ['workflow'] as const
export type JobKind = (typeof jobKinds)[number]

export const priorities = ['interactive', 'normal', 'bulk'] as const
export type Priority = (typeof priorities)[number]

export const outputKinds = [
  'image',
  'animation',
  'video',
  'audio',
  'text',
  'latent',
  'model3d',
  'other',
] as const
export type OutputKind = (typeof outputKinds)[number]

/** A graph in ComfyUI's API format, by node id. Checked by the graph tools, not by class rules. */
export type GraphJson = Record<
  string,
  { class_type: string; inputs: Record<string, unknown>; _meta?: { title?: string } }
>
