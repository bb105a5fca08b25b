/** The parts of the settings, by whom they are for. */
export const personalParts = ['profile', 'security', 'look', 'keys'] as const
export const spaceParts = ['space', 'webhooks'] as const
export const adminParts = ['users', 'spaces', 'limits', 'audit'] as const
const parts = [...personalParts, ...spaceParts, ...adminParts] as const
export type SettingsPart = (typeof parts)[number]

/** What the address of the settings holds. */
export type SettingsSearch = {
  /** `profile` when it is left out. */
  part?: SettingsPart
  /** The user, space or webhook that is opened. */
  id?: string
  q?: string
  /** Of the audit log. */
  action?: string
  user?: string
}

const text = (value: unknown, length = 200): string | undefined => {
  const written = typeof value === 'number' ? String(value) : value
  return typeof written === 'string' && written !== '' ? written.slice(0, length) : undefined
}

export function readSettingsSearch(search: Record<string, unknown>): SettingsSearch {
  const part = parts.find((each) => each === search['part'])
  return {
    ...(part !== undefined && { part }),
    ...defined('id', text(search['id'], 40)),
    ...defined('q', text(search['q'])),
    ...defined('action', text(search['action'], 100)),
    ...defined('user', text(search['user'], 40)),
  }
}

const defined = <K extends string>(key: K, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: string }
