import type { DeliveryView, WebhookView } from '@easel/client'

/** What a webhook may hear of, by what it is about. */
export const eventGroups: readonly { name: string; events: readonly { type: string; name: string }[] }[] = [
  {
    name: 'Jobs',
    events: [
      { type: 'job.queued', name: 'queued' },
      { type: 'job.running', name: 'running' },
      { type: 'job.canceling', name: 'being canceled' },
      { type: 'job.succeeded', name: 'done' },
      { type: 'job.failed', name: 'failed' },
      { type: 'job.canceled', name: 'canceled' },
      { type: 'job.expired', name: 'expired' },
    ],
  },
  {
    name: 'Pictures and other assets',
    events: [
      { type: 'asset.created', name: 'made' },
      { type: 'asset.updated', name: 'changed' },
      { type: 'asset.deleted', name: 'deleted' },
    ],
  },
  {
    name: 'Downloads',
    events: [
      { type: 'download.queued', name: 'queued' },
      { type: 'download.paused', name: 'paused' },
      { type: 'download.resumed', name: 'resumed' },
      { type: 'download.completed', name: 'done' },
      { type: 'download.failed', name: 'failed' },
      { type: 'download.canceled', name: 'canceled' },
    ],
  },
]

const allEvents = eventGroups.flatMap(({ events }) => events.map(({ type }) => type))
export const jobEnds: readonly string[] = ['job.succeeded', 'job.failed', 'job.canceled', 'job.expired']

/** Every type that the patterns of a webhook (`job.*`, `*`) take in. */
export const expanded = (patterns: readonly string[]): string[] =>
  allEvents.filter((type) =>
    patterns.some(
      (pattern) =>
        pattern === '*' ||
        pattern === type ||
        (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))),
    ),
  )

/** The shortest patterns for these types. */
export function patternsOf(types: readonly string[]): string[] {
  if (allEvents.every((type) => types.includes(type))) return ['*']
  return eventGroups.flatMap(({ events }) => {
    const chosen = events.map(({ type }) => type).filter((type) => types.includes(type))
    return chosen.length === events.length ? [`${chosen[0]!.split('.')[0]!}.*`] : chosen
  })
}

/** In a few words, what it hears of. */
export function heardOf({ events, kind }: Pick<WebhookView, 'events' | 'kind'>): string {
  if (kind === 'job-urls') return 'the end of each job that names a URL'
  if (events.includes('*')) return 'everything'
  if (events.length === jobEnds.length && jobEnds.every((type) => events.includes(type)))
    return 'how jobs end'
  return events.join(', ')
}

const offReasons: Readonly<Record<string, string>> = {
  BY_USER: 'Somebody switched it off.',
  GONE: 'Its server said that it is gone for good (410).',
  FAILING: 'Nothing has arrived for three days.',
  MEMBER_LEFT: 'Who answered for it is no longer in this space. Switch it on to answer for it yourself.',
}

export const offReason = ({ disabledReason }: WebhookView): string =>
  offReasons[disabledReason ?? ''] ?? 'Nothing is sent or kept for it.'

const errors: Readonly<Record<string, string>> = {
  STATUS: 'Its server refused it',
  REDIRECT: 'Its server sent it elsewhere; redirects are not followed',
  GONE: 'Its server said that it is gone for good',
  TIMEOUT: 'Its server took longer than 15 seconds',
  UNREACHABLE: 'Its server could not be reached',
  ADDRESS_NOT_ALLOWED: 'Its address is not allowed',
  INTERRUPTED: 'It was interrupted, and is sent again',
  WEBHOOK_DISABLED: 'The webhook was switched off',
  MEMBER_LEFT: 'Who answers for the webhook left the space',
  EVENT_EXPIRED: 'The event is no longer kept',
  INTERNAL: 'Something went wrong here',
}

/** What became of a delivery, or of one attempt at it. */
export function resultWords(status: number | null | undefined, error: string | null | undefined): string {
  const answer = status === null || status === undefined ? undefined : `answered ${status}`
  if (error === null || error === undefined) return answer ?? 'not sent yet'
  return [errors[error] ?? error, answer].filter(Boolean).join(', ')
}

export const deliveryTones: Record<DeliveryView['status'], { name: string; tone: 'busy' | 'good' | 'bad' }> =
  {
    pending: { name: 'Under way', tone: 'busy' },
    delivered: { name: 'Arrived', tone: 'good' },
    failed: { name: 'Failed', tone: 'bad' },
  }
