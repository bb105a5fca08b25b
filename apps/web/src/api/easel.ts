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

/** For the next load of the page: what is shown is of the space before. */
export function writeSpace(space: string | undefined): void {
  sessionStorage.setItem(chosenSpace, space ?? '')
  localStorage.setItem(chosenSpace, space ?? '')
}

let space = readSpace()

/** The space that was chosen once is gone, or of another person at this machine. */
export function forgetSpace(): void {
  space = undefined
  writeSpace(undefined)
}

/** Calls go to where the page came from, with the log-in cookie, and are about the chosen space. */
export const easel: Easel = createEasel({
  fetch: logIn.fetcher((asked, init) => {
    const headers = new Headers(init?.headers)
    if (space !== undefined) headers.set('x-space', space)
    return fetch(asked, { ...init, headers })
  }),
})
