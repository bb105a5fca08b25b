import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { startCollector } from '../support/collector.ts'
import { samplerGraph } from '../support/graphs.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Span } from '../support/collector.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${traceId}-b7ad6b7169203331-01`

test(
  'one trace leads from the request to the nodes in ComfyUI, for what succeeds and for what fails',
  { timeout: 120_000 },
  async () => {
    await using collector = await startCollector()
    await using services = await startServices({ env: collector.env, nodePacks: ['testing'] })
    const api = new Api(services.url, bootstrapKey)
    const submit = async (workflow: object) => {
      const { body } = await api.send('POST', '/api/jobs', { workflow }, { traceparent })
      return api.finished(body.id as string)
    }

    const good = await submit(samplerGraph(1, 4))
    const bad = await submit(failing)

    const spansOf = (id: string, name: string): Span[] =>
      collector.spans.filter((span) => span.name === name && span.attributes['easel.job'] === id)
    for (const { id } of [good, bad] as { id: string }[]) {
      for (const name of ['schedule.bind', 'attempt', 'settle']) {
        const [span] = await waitFor(() => spansOf(id, name).length > 0 && spansOf(id, name), {
          describe: `the span ${name}`,
        })
        expect(span, name).toMatchObject({ traceId, service: 'easel-inference' })
      }
    }
    const server = collector.spans.find(
      ({ traceId: id, service, parent }) =>
        id === traceId && service === 'easel-gateway' && parent === 'b7ad6b7169203331',
    )
    const [attempt] = spansOf(good.id as string, 'attempt')
    expect(server).toBeDefined()
    expect(attempt).toMatchObject({ failed: false, attributes: { 'easel.result': 'succeeded' } })
    const children = (of: Span | undefined) => collector.spans.filter(({ parent }) => parent === of?.spanId)
    const execute = children(attempt).find(({ name }) => name === 'execute')
    expect(children(attempt).map(({ name }) => name)).toContain('save')
    const nodes = execute?.events.filter(({ name }) => name === 'node') ?? []
    expect(nodes.map(({ attributes }) => attributes['easel.node.class'])).toContain('KSampler')
    expect(nodes[0]?.attributes).toMatchObject({
      'easel.node': expect.any(String),
      'easel.node.ms': expect.any(Number),
      'easel.node.cached': false,
    })
    expect(spansOf(bad.id as string, 'attempt')[0]).toMatchObject({ failed: true })
  },
)

const failing = {
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  '2': { class_type: 'TestSyncError', inputs: { value: ['1', 0] } },
  '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'e2e' } },
}
