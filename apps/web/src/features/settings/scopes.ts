import type { KeyView } from '@easel/client'

export type Scope = KeyView['scopes'][number]

export const scopeNames: Record<Scope, string> = {
  'jobs:read': 'see jobs',
  'jobs:write': 'run and cancel jobs',
  'assets:read': 'see pictures',
  'assets:write': 'upload, change and delete pictures',
  'models:read': 'search models',
  'models:write': 'download models',
  admin: 'administer',
}
