import { Simulators } from './simulators.ts'
import type { Answer, Question } from './remote-simulators.ts'

/** Simulators in a process of their own: it does what its parent asks, and ends with it. */
const simulators = new Simulators()
let ending = false

const answer = async ({ id, method, parameters }: Question): Promise<Answer> => {
  try {
    const call = simulators[method] as (...values: unknown[]) => Promise<unknown>
    return { id, result: await call.apply(simulators, parameters) }
  } catch (cause) {
    return { id, error: cause instanceof Error ? cause.message : String(cause) }
  }
}

const end = async () => {
  if (ending) return
  ending = true
  await simulators[Symbol.asyncDispose]()
  process.exit(0)
}

// Ctrl-C goes to every process of the terminal; the parent says when it is time.
process.on('SIGINT', () => {})
process.on('message', (question: Question) => void answer(question).then((said) => process.send?.(said)))
process.on('disconnect', () => void end())
