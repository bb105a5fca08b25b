import { EaselError } from '@easel/client'
import { wordsOf } from '../../api/words.ts'
import { tell } from '../../ui/toasts.tsx'

/** One sentence: the server's where it has spoken. */
export const sentenceOf = (error: unknown): string =>
  error instanceof EaselError ? wordsOf(error).detail : (error as Error).message

/** A file that cannot be used. */
export const tellRefused = (error: unknown): void =>
  tell('This cannot be opened', { description: sentenceOf(error) })
