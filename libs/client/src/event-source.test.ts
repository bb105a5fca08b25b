import { expect, test } from 'vitest'
import { readServerEvents } from './event-source.ts'

async function read(...chunks: string[]) {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk))
  const events = []
  for await (const event of readServerEvents(ReadableStream.from(bytes))) events.push(event)
  return events
}

test('events are read whole, however they are cut', async () => {
  const text = ': ping\n\nid: 7\nevent: job.queued\ndata: {"a":\ndata: "ä"}\n\nevent: x\ndata: 1\n\n'
  const expected = [
    { id: '7', type: 'job.queued', data: '{"a":\n"ä"}' },
    { id: undefined, type: 'x', data: '1' },
  ]

  expect(await read(text)).toEqual(expected)
  expect(await read(...text)).toEqual(expected)
  expect(await read(...text.replaceAll('\n', '\r\n'))).toEqual(expected)
})

test('an event that is cut off is none', async () => {
  expect(await read('data: 1\n\ndata: 2\n')).toEqual([{ id: undefined, type: 'message', data: '1' }])
})

test('an id without data tells where to resume', async () => {
  expect(await read('retry: 2000\nid: 5\n\n')).toEqual([{ id: '5', type: 'message', data: '' }])
})
