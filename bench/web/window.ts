import type { Window } from '../../e2e/support/browser.ts'

/** By way of the tests' browser: only they depend on it. */
export type Page = Window['page']
export type CDPSession = Awaited<ReturnType<Window['context']['newCDPSession']>>
