import { createEasel } from '@easel/client'
import { logIn } from './log-in.ts'
import type { Easel } from '@easel/client'

const chosenSpace = 'easel.space'

/**
 * The space that this tab works in, an id; undefined is the personal one. A tab keeps its own; a new one begins with
 * what was chosen last in any.
 */
export function readSpace(): string | undefined {
  const chosen = sessionStorage.getItem(chosenSpace) ?? localStorage.getItem(chosenSpace) ?? ''
  sessionStorage.setItem(chosenSpace, chosen)
  return chosen === '' ? undefined : chosen
}

/** For the next load of the page: calls under way are of the space before. */
export function writeSpace(space: string | undefined): void {
  sessionStorage.setItem(chosenSpace, space ?? '')
  localStorage.setItem(chosenSpace, space ?? '')
}

/** Calls go to where the page came from, with the log-in cookie. */
export const easel: Easel = createEasel({
  ...spaceOf(readSpace()),
  fetch: logIn.fetcher((...asked) => fetch(...asked)),
})

function spaceOf(space: string | undefined): { space?: string } {
  return space === undefined ? {} : { space }
}
