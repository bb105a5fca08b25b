import { createEasel } from '@easel/client'
import type { Easel } from '@easel/client'

const chosenSpace = 'easel.space'

/** The space that this tab works in: a slug or an id; undefined is the personal one. */
export function readSpace(): string | undefined {
  return localStorage.getItem(chosenSpace) ?? undefined
}

export function writeSpace(space: string | undefined): void {
  if (space === undefined) localStorage.removeItem(chosenSpace)
  else localStorage.setItem(chosenSpace, space)
}

/** Calls go to where the page came from, with the log-in cookie. */
export const easel: Easel = createEasel({ ...spaceOf(readSpace()) })

function spaceOf(space: string | undefined): { space?: string } {
  return space === undefined ? {} : { space }
}
