import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createComfyClient, type ComfyEvent, type RunResult } from '../src/index.ts'
import { startReplay } from './support/replay-server.ts'
import { promptsOf, type RecordedPrompt, loadTranscript } from './support/transcript.ts'

const versions = ['0.3.64', '0.33.0']
const names = versions.flatMap((version) =>
  readdirSync(new URL(`fixtures/${version}/`, import.meta.url)).map(
    (file) => `${version}/${file.slice(0, -6)}`,
  ),
)
const withPrompts = names.filter((name) => promptsOf(loadTranscript(name), 'A').length > 0)

describe('every recording, run by run', () => {
  test.each(withPrompts)('%s', async (name) => {
    await using server = await startReplay(name)
    await using client = createComfyClient({ baseUrl: server.baseUrl, limits: { quietMs: 40 } })
    const runs: Promise<{ prompt: RecordedPrompt; result: RunResult; events: ComfyEvent[] }>[] = []
    for (const prompt of server.prompts) {
      await server.reached(prompt.line)
      const events: ComfyEvent[] = []
      const { graph, extraData } = prompt
      const run = client.run({ graph, extraData, onEvent: (event) => events.push(event) })
      runs.push(run.then((result) => ({ prompt, result, events })))
      // The next one may be recorded as sent while this one still ran.
      await Promise.race([run, server.reached(prompt.line + 1)])
    }

    for (const { prompt, result, events } of await Promise.all(runs)) {
      expect(result.status).toBe(expectedStatus(prompt, result))
      expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1)
      expect(events.at(-1)).toEqual({ type: 'ended', result })
      const overall = events.flatMap((event) => (event.type === 'progress' ? [event.overall] : []))
      expect(overall).toEqual(overall.toSorted((a, b) => a - b))
      if (!prompt.history) continue
      const files = (value: unknown): number => JSON.stringify(value ?? {}).match(/"filename":/g)?.length ?? 0
      expect(result.outputs.filter(({ file }) => file)).toHaveLength(files(prompt.history.outputs))
      if (result.status === 'failed') expect(result.error?.message).toBeTruthy()
    }
  })
})

/** As the recorded messages of the history say. */
function expectedStatus({ status, history }: RecordedPrompt, result: RunResult): string {
  if (status !== 200) return 'failed'
  if (!history) return result.status // taken out of the queue, or never looked at by the recorder
  const events: string[] = history.status.messages.map(([event]: [string]) => event)
  if (events.includes('execution_success')) return 'succeeded'
  return events.includes('execution_interrupted') ? 'interrupted' : 'failed'
}
