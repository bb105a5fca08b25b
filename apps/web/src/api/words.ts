import { EaselError } from '@easel/client'
import { refusalWords } from './refusal-words.ts'

/** An error as a person is told of it. */
export function wordsOf(error: unknown): { title: string; detail: string } {
  if (!(error instanceof EaselError)) {
    return {
      title: 'Something went wrong in the page',
      detail: error instanceof Error ? error.message : String(error),
    }
  }
  if (error.status === 0) {
    return {
      title: 'The server cannot be reached',
      detail: 'What you see may be old. It is tried again by itself.',
    }
  }
  const refusal = refusalWords(error)
  if (refusal) return refusal
  if (error.status === 404) return { title: 'It is not here', detail: error.message }
  if (error.status === 403) return { title: 'You may not do this', detail: error.message }
  if (error.status >= 500) return { title: 'The server could not answer', detail: error.message }
  return { title: 'This did not work', detail: error.message }
}
