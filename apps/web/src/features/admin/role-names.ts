import type { UserView } from '@easel/client'

export const roleNames: Record<UserView['role'], string> = {
  admin: 'Administrator',
  member: 'Member',
  viewer: 'Viewer',
}

export const roleHint = 'Members work, viewers only look, administrators may do everything.'
