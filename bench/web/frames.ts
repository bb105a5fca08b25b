import type { CDPSession } from './window.ts'

type TraceEvent = { name: string; ts: number; pid: number; tid: number; dur?: number }

/** Records what the browser draws until it is stopped; gives the times between frames in milliseconds. */
export async function recordFrames(session: CDPSession): Promise<() => Promise<number[]>> {
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: ['disabled-by-default-devtools.timeline.frame', 'devtools.timeline.frame'],
    },
  })
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
    await session.send('Tracing.end')
    await complete
    return intervals(events)
  }
}

function intervals(events: readonly TraceEvent[]): number[] {
  const drawn = events
    .filter(({ name }) => name === 'DrawFrame')
    .map(({ ts }) => ts / 1_000)
    .toSorted((a, b) => a - b)
  return drawn.slice(1).map((at, index) => at - drawn[index]!)
}
