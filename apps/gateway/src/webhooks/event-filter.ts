/** Events of spaces. (Those of the library are everybody's, and no webhook's.) */
export const eventTypes = [
  'job.queued',
  'job.running',
  'job.canceling',
  'job.succeeded',
  'job.failed',
  'job.canceled',
  'job.expired',
  'asset.created',
  'asset.updated',
  'asset.deleted',
  'download.queued',
  'download.paused',
  'download.resumed',
  'download.completed',
  'download.failed',
  'download.canceled',
  'collection.created',
  'collection.updated',
  'collection.deleted',
] as const

/** How jobs end: what a webhook gets that names no events, and the only ones for a URL that a job names. */
export const jobEnds: readonly string[] = ['job.succeeded', 'job.failed', 'job.canceled', 'job.expired']

/** A pattern is a type, a group of them (`job.*`), or everything (`*`). */
export function matches(pattern: string, type: string): boolean {
  if (pattern === '*' || pattern === type) return true
  return pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))
}

/** Would it ever match? A slip of the pen must not be a webhook that stays silent. */
export function isPattern(pattern: string): boolean {
  return eventTypes.some((type) => matches(pattern, type))
}
