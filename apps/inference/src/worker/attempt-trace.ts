import type { NodeTiming, RunResult } from '@easel/comfyui'
import type { AttemptEnded, RunAttempt } from '@easel/contracts'
import { failSpan, runWithTrace, traced } from '@easel/observability'

/** Runs in the trace of the request that made the job. */
export function traceAttempt<T extends Pick<AttemptEnded, 'result' | 'error'>>(
  { jobId, attempt, models, traceparent }: RunAttempt,
  worker: string,
  run: () => Promise<T>,
): Promise<T> {
  const attributes = () => ({
    'easel.job': jobId,
    'easel.attempt': attempt,
    'easel.worker': worker,
    'easel.models': models ?? [],
  })
  return runWithTrace({ traceparent: traceparent ?? undefined }, () =>
    traced('attempt', { attributes }, async (span) => {
      const ended = await run()
      span?.setAttribute('easel.result', ended.result)
      if (ended.error) failSpan(span, `${ended.error.code}: ${ended.error.message}`)
      return ended
    }),
  )
}

/**
 * The run of a prompt, with an event for each node that took part.
 *
 * @param startedAt when ComfyUI began, once that is known
 */
export function traceExecution(
  startedAt: () => number | undefined,
  run: () => Promise<RunResult>,
): Promise<RunResult> {
  return traced('execute', {}, async (span) => {
    const result = await run()
    if (!span) return result
    const beganAt = startedAt()
    span.setAttribute('easel.prompt', result.promptId)
    if (result.error) failSpan(span, `${result.error.kind}: ${result.error.message}`)
    for (const node of result.nodeTimings) {
      const endedAt = beganAt === undefined ? undefined : new Date(beganAt + node.endedAtMs)
      span.addEvent('node', attributesOf(node), endedAt)
    }
    return result
  })
}

function attributesOf({ nodeId, classType, startedAtMs, endedAtMs, cached }: NodeTiming) {
  return {
    'easel.node': nodeId,
    'easel.node.class': classType,
    'easel.node.ms': Math.round(endedAtMs - startedAtMs),
    'easel.node.cached': cached,
  }
}
