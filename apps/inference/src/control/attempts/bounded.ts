import type { AttemptEnded, JobError, JobOutput, NodeError } from '@easel/contracts'

/** Characters of all texts of a job together; the asset has the whole of each. */
const maxText = 64 * 1024
const maxMessage = 4_000
const maxList = 100
const maxTraceback = 16 * 1024
const maxOutputs = 5_000

/** A copy that fits into rows and messages, whatever a node prints, raises or makes. */
export function bounded(ended: AttemptEnded): AttemptEnded {
  return {
    ...ended,
    outputs: withShortTexts(ended.outputs.slice(0, maxOutputs)),
    warnings: ended.warnings.slice(0, maxList).map(shortFault),
    ...(ended.error && { error: shortError(ended.error) }),
  }
}

function withShortTexts(outputs: readonly JobOutput[]): JobOutput[] {
  let left = maxText
  return outputs.map((output) => {
    if (!output.text) return output
    left -= output.text.length
    return left >= 0 ? output : { ...output, text: null }
  })
}

function shortError(error: JobError): JobError {
  const { message, traceback, nodeErrors } = error
  return {
    ...error,
    message: short(message),
    ...(traceback && { traceback: lastOf(traceback) }),
    ...(nodeErrors && { nodeErrors: nodeErrors.slice(0, maxList).map(shortFault) }),
  }
}

/** The end of it tells most. */
function lastOf(traceback: readonly string[]): string[] {
  let left = maxTraceback
  const kept = traceback.toReversed().filter((line) => (left -= line.length) >= 0)
  return kept.toReversed()
}

const shortFault = ({ path, message }: NodeError): NodeError => ({
  path: short(path),
  message: short(message),
})

const short = (text: string): string =>
  text.length > maxMessage ? `${text.slice(0, maxMessage).toWellFormed()}…` : text
