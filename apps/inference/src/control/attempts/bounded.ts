import type { AttemptEnded, JobError, JobOutput, JobUsage, ModelLoad, NodeError } from '@easel/contracts'

// Bytes of JSON. A job tells of all its attempts in one message, so each of them has its share.
/** Texts of all outputs of a job together; the asset has the whole of each. */
const maxTexts = 64 * 1024
const maxTraceback = 16 * 1024
const maxFaults = 8 * 1024
const maxMessage = 8 * 1024

/** Characters. */
const maxShort = 1_000
const maxName = 200
const maxOutputs = 5_000
const maxLoads = 200
/** No attempt takes longer: a clock was set meanwhile. And no sum of a month may outgrow its column. */
const maxGpuSeconds = 31 * 86_400
const maxCostMicros = 1e15

/**
 * A copy that fits into rows and messages, whatever a node prints, raises or makes, and whatever a worker says
 * that other people's nodes have taken over.
 */
export function bounded(ended: AttemptEnded): AttemptEnded {
  const sound = ended.outputs.filter(isSound)
  const left = ended.outputs.length - sound.length
  const unsound = { path: 'workflow', message: `${left} outputs were left out: the worker told wrong facts` }
  return {
    ...ended,
    outputs: withShortTexts(sound.slice(0, maxOutputs).map(withShortNames)),
    warnings: shortFaults(left === 0 ? ended.warnings : [unsound, ...ended.warnings]),
    usage: usageOf(ended.usage),
    ...(ended.loads && { loads: ended.loads.filter(isPlausible).slice(0, maxLoads) }),
    ...(ended.error && { error: shortError(ended.error) }),
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

/** What the gallery keeps of it is a place in the blob store. */
const isSound = ({ hash, bytes }: JobOutput): boolean => /^blake3:[0-9a-f]{64}$/.test(hash) && isCount(bytes)

const isPlausible = ({ model, ms }: ModelLoad): boolean => model.length <= maxShort && ms >= 0

/** Both or none: the one is made of the other. */
function usageOf({ gpuSeconds, costMicros }: JobUsage): JobUsage {
  const isTime = gpuSeconds >= 0 && gpuSeconds <= maxGpuSeconds
  const isMoney = isCount(costMicros) && costMicros <= maxCostMicros
  return isTime && isMoney ? { gpuSeconds, costMicros } : { gpuSeconds: 0, costMicros: 0 }
}

function withShortNames(output: JobOutput): JobOutput {
  const { mime, node, key, filename } = output
  const named = typeof filename === 'string' && { filename: cut(filename, maxName) }
  return { ...output, mime: cut(mime, maxName), node: cut(node, maxName), key: cut(key, maxName), ...named }
}

function withShortTexts(outputs: readonly JobOutput[]): JobOutput[] {
  let left = maxTexts
  return outputs.map((output) => {
    if (!output.text) return output
    left -= sizeOf(output.text)
    return left >= 0 ? output : { ...output, text: null }
  })
}

function shortError(error: JobError): JobError {
  const { code, message, node, nodeClass, traceback, nodeErrors } = error
  return {
    ...error,
    code: cut(code, maxName),
    message: short(message),
    ...(node && { node: cut(node, maxName) }),
    ...(nodeClass && { nodeClass: cut(nodeClass, maxName) }),
    ...(traceback && { traceback: lastOf(traceback) }),
    ...(nodeErrors && { nodeErrors: shortFaults(nodeErrors) }),
  }
}

/** The end of it tells most. */
function lastOf(traceback: readonly string[]): string[] {
  let left = maxTraceback
  const kept = traceback.toReversed().filter((line) => (left -= sizeOf(line)) >= 0)
  return kept.toReversed()
}

function shortFaults(faults: readonly NodeError[]): NodeError[] {
  let left = maxFaults
  return faults
    .map(({ path, message }) => ({ path: cut(path, maxName), message: cut(message, maxShort) }))
    .filter((fault) => (left -= sizeOf(fault)) >= 0)
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

const short = (text: string): string => (sizeOf(text) > maxMessage ? cut(text, maxShort) : text)

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length).toWellFormed()}…` : text
