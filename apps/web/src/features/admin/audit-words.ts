/** What the audit log names, as it is told of somebody. */
export const actionWords: Readonly<Record<string, string>> = {
  'login.succeeded': 'logged in',
  'login.failed': 'failed to log in',
  'login.ended': 'logged another browser out',
  'login.ended-all': 'logged out everywhere',
  'password.changed': 'changed the password',
  'key.created': 'made an API key',
  'key.revoked': 'revoked an API key',
  'user.created': 'made an account',
  'user.updated': 'changed an account',
  'user.deleted': 'deleted an account',
  'space.created': 'made a space',
  'space.renamed': 'renamed a space',
  'member.added': 'added a member',
  'member.updated': 'changed the role of a member',
  'member.removed': 'removed a member',
  'limits.set': 'set limits',
  'webhook.created': 'made a webhook',
  'webhook.updated': 'changed a webhook',
  'webhook.deleted': 'deleted a webhook',
  'webhook.secret-rotated': 'made a new secret of a webhook',
  'worker.drained': 'drained a worker',
  'worker.resumed': 'resumed a worker',
  'downloads.limited': 'set the bandwidth of downloads',
  'token.kept': 'kept a token of a source',
  'token.forgotten': 'forgot a token of a source',
  'hub.adopted': 'took files into the hub',
  'hub.evicted': 'evicted a file of the hub',
}

/** `user:0193…` → the user's name, `worker:w1` → `w1`. */
export function targetOf(target: string | null | undefined, names: ReadonlyMap<string, string>): string {
  if (target === null || target === undefined) return ''
  const [kind, ...rest] = target.split(':')
  const id = rest.join(':')
  if (id === '') return target
  return names.get(id) ?? (kind === 'worker' ? id : `${kind} …${id.slice(-6)}`)
}

/** What is said beside it, without what is not set. */
export function detailsOf(
  details: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, string>,
): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== false && value !== '')
    .map(([name, value]) => (value === true ? name : `${labels[name] ?? name}: ${textOf(value, names)}`))
    .join(', ')
}

const labels: Readonly<Record<string, string>> = { userId: 'user', spaceId: 'space' }

function textOf(value: unknown, names: ReadonlyMap<string, string>): string {
  if (Array.isArray(value)) return value.length > 6 ? `${value.length} of them` : value.join(' ')
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return names.get(text) ?? text
}
