import type { JobView } from '@easel/client'

type JobError = NonNullable<JobView['error']>

/** `title`: what happened, in a few words. `advice`: what to do about it. */
export type ErrorWords = { title: string; advice?: string }

const known: Readonly<Record<string, ErrorWords>> = {
  OUT_OF_MEMORY: {
    title: 'The GPU ran out of memory',
    advice:
      'Make the picture or the batch smaller, use a smaller or quantised model, or a worker with more memory.',
  },
  GRAPH_INVALID: {
    title: 'ComfyUI refuses this workflow',
    advice: 'Each fault is named below with its node. Correct them in Create and run it again.',
  },
  MODEL_UNAVAILABLE: {
    title: 'A model could not be fetched',
    advice:
      'Look for it under Models, or fetch the file by its address under Downloads, and run the job again.',
  },
  NO_OUTPUT: {
    title: 'It ran, but made nothing',
    advice:
      'The workflow needs a node that saves or previews, such as “Save Image”, with everything connected before it.',
  },
  WORKER_LOST: {
    title: 'The worker was lost',
    advice: 'It went away while the job ran. Run it again: another worker takes it.',
  },
  ATTEMPT_LOST: {
    title: 'The worker lost the job',
    advice: 'Run it again. If that repeats, look at the worker under System.',
  },
  COMFYUI_LOST: {
    title: 'ComfyUI went away while it ran',
    advice:
      'Often it was out of memory and was ended by its system. Run it again, with a smaller picture if that repeats.',
  },
  POISON: {
    title: 'Given up after several attempts',
    advice:
      'Each attempt took its worker or ComfyUI down. The attempts below tell how; a smaller picture or another model may help.',
  },
  TIMEOUT: {
    title: 'It took too long and was stopped',
    advice:
      'Use fewer steps, fewer frames or a smaller picture; an admin may raise the time that a job may take.',
  },
  STUCK: {
    title: 'It no longer moved and was stopped',
    advice: 'Run it again. If that repeats, look at the log of the worker.',
  },
  INTERRUPTED: {
    title: 'Somebody interrupted it at the ComfyUI itself',
    advice: 'Run it again; use Cancel here to stop one job without touching another.',
  },
  COMFYUI_PROTOCOL: {
    title: 'ComfyUI answered in a way that is not understood',
    advice:
      'A custom node or an unusual version may be why. An admin finds the details in the log of the worker.',
  },
  RESULT_TOO_LARGE: {
    title: 'What it made is too much for one job',
    advice: 'Make fewer or smaller outputs, in several jobs.',
  },
  HANDED_BACK: {
    title: 'The worker gave it back',
    advice: 'It was stopped in good order. Run the job again.',
  },
  DISK_FULL: { title: 'A disk is full', advice: 'An admin has to make room; System tells where.' },
  MODEL_FETCH_FAILED: {
    title: 'The worker could not fetch a model',
    advice: 'Run it again. If that repeats, an admin has to look at the store of models.',
  },
}

const missingModel = /value not in list|no such file|file ?not ?found|does not exist|not found in/i
const missingClass = /node .*(not found|does not exist|missing)|missing_node_type|Cannot execute because/i
const memory = /allocat\w* memory|out of memory|alloc_cpu/i
const shapes = /mat1 and mat2|size mismatch|sizes of tensors|shape|expected .* channels/i

/** What failed, as a person is told of it; the words of ComfyUI come beside it. */
export function errorWords({ code, message, nodeClass, nodeErrors }: JobError): ErrorWords {
  const said = [message, ...(nodeErrors ?? []).map((fault) => fault.message)].join('\n')
  if (code === 'GRAPH_INVALID' || code === 'NODE_FAILED') {
    if (missingClass.test(said)) {
      return {
        title: 'A node of this workflow is not installed',
        advice: 'The worker’s ComfyUI lacks it. Have its node pack installed there, or use another node.',
      }
    }
    if (missingModel.test(said)) {
      return {
        title: 'A file that the workflow names is not there',
        advice: 'Choose one that is installed in Create, or find and install it under Models.',
      }
    }
  }
  if (code === 'NODE_FAILED') {
    if (memory.test(said))
      return { title: 'The worker ran out of memory', advice: known['OUT_OF_MEMORY']!.advice! }
    const title = nodeClass ? `The node ${nodeClass} failed` : 'A node failed'
    if (!shapes.test(said)) return { title }
    return {
      title,
      advice: 'Two parts do not fit together: often a LoRA, ControlNet or VAE of another kind of model.',
    }
  }
  return known[code] ?? { title: 'It failed' }
}

/** `workflow.3.inputs.cfg` → node 3, input `cfg`. */
export function placeOf(path: string): { node?: string; input?: string } {
  const [, node, input] = /^workflow\.([^.]+)(?:\.inputs\.(.+))?/.exec(path) ?? []
  return { ...(node !== undefined && { node }), ...(input !== undefined && { input }) }
}

/** What somebody who waits can do about it; most reasons only take time. */
export const waitingAdvice: Readonly<Record<string, string>> = {
  NO_WORKER: 'It starts when a worker joins. System shows which are there.',
  LABEL_MISSING:
    'It starts when a worker with this label joins. Cancel it, and run it without the label, to have it on any.',
  OTHER_ENVIRONMENT: 'It asks for a certain set of node packs, which no worker has now.',
  VRAM_TOO_SMALL: 'It starts when a worker with more GPU memory joins; a smaller picture may do with less.',
  NODE_CLASS_MISSING: 'Have the node pack installed on a worker, or use another node.',
  MODEL_MISSING: 'Install it under Models: the job starts by itself then.',
  MODEL_GATED: 'Accept its terms at its page and have an admin keep a token, then the download goes on.',
  MODEL_AMBIGUOUS: 'Choose one of them under Models and install it.',
  MODEL_UNKNOWN: 'Fetch it by its address under Downloads: the job starts by itself then.',
  DRAINING: 'An admin drained the worker; it takes work again when it is resumed under System.',
  NOT_READY: 'The worker is there, but its ComfyUI does not answer. An admin has to look at it.',
  SILENT: 'The worker has not been heard of; it is given up in a moment if that stays so.',
  SPACE_AT_LIMIT: 'It starts when one of the space’s jobs ends.',
  USER_AT_LIMIT: 'It starts when one of the submitter’s jobs ends.',
}

/** A reason with whom it is about: the server says `It lacks …` and names the workers behind it. */
export function reasonWords({
  message,
  workers = [],
}: {
  message: string
  workers?: readonly string[] | null
}): string {
  const who = workers ?? []
  const [, owner, said] = /^(Its?) (.*)$/s.exec(message) ?? []
  if (who.length === 0 || said === undefined) return message
  const plain = said.replace(/ \([^()]*\)$/, '')
  const one = who.length === 1 ? who[0]! : undefined
  if (owner === 'It') return `${one ?? `Each of ${who.length} workers`} ${plain}`
  return one === undefined ? `${who.length} workers: its ${plain}` : `${one}: its ${plain}`
}
