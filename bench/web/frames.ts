import type { CDPSession } from './window.ts'

/** `ts`: microseconds. */
type TraceEvent = { name: string; ts: number; args?: { data?: { needsBeginFrame?: number } } }

/** Records what the browser draws until it is stopped; gives the times between frames in milliseconds. */
export async function recordFrames(session: CDPSession): Promise<() => Promise<number[]>> {
  const events: TraceEvent[] = []
  const collect = ({ value }: { value: object[] }) => void events.push(...(value as TraceEvent[]))
  session.on('Tracing.dataCollected', collect)
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
    session.off('Tracing.dataCollected', collect)
    return intervals(events)
  }
}

/** From frame to frame; where nothing was to be drawn in between, from when there was again. */
function intervals(events: readonly TraceEvent[]): number[] {
  const times: number[] = []
  let from: number | undefined
  for (const { name, ts, args } of events.toSorted((a, b) => a.ts - b.ts)) {
    const at = ts / 1_000
    if (name === 'NeedsBeginFrameChanged') from = args?.data?.needsBeginFrame ? (from ?? at) : undefined
    if (name !== 'DrawFrame') continue
    if (from !== undefined) times.push(at - from)
    from = at
  }
  return times
}
