import { expect, test } from 'vitest'
import { ChunkedBody } from './chunked-body.ts'
import { BadAnswer, framingOf, HeadReader } from './response-head.ts'

const answer = (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')

function headOf(text: string) {
  const read = new HeadReader().read(answer(text))
  if (!read) throw new Error('not whole')
  return read
}

test('a head is read, and what is behind it left over', () => {
  const { head, rest } = headOf('HTTP/1.1 206 Partial Content\nETag: "a"\nContent-Length:  5 \n\nhello')

  expect(head).toMatchObject({
    status: 206,
    keepsAlive: true,
    headers: { etag: '"a"', 'content-length': '5' },
  })
  expect(rest.toString()).toBe('hello')
  expect(framingOf(head)).toEqual({ kind: 'length', bytes: 5 })
})

test('a head is read however it is cut', () => {
  const bytes = answer('HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nA: b\n\nbody')
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new HeadReader()
    const first = reader.read(bytes.subarray(0, cut))
    const { head, rest } = first ?? reader.read(bytes.subarray(cut))!

    expect(head.status).toBe(200)
    expect('body'.startsWith(rest.toString())).toBe(true)
  }
})

test('1xx answers are passed over, but for a change of the protocol', () => {
  expect(headOf('HTTP/1.1 103 Early Hints\nLink: x\n\nHTTP/1.1 200 OK\n\n').head.status).toBe(200)
  expect(() => headOf('HTTP/1.1 101 Switching Protocols\n\n')).toThrow('changes the protocol')
})

test.each([
  ['another protocol', 'ICY 200 OK\n\n'],
  ['HTTP/2 in plain text', 'HTTP/2 200\n\n'],
  ['a folded line', 'HTTP/1.1 200 OK\nA: b\n c\n\n'],
  ['a blank before the colon', 'HTTP/1.1 200 OK\nContent-Length : 5\n\n'],
  ['a line without a name', 'HTTP/1.1 200 OK\n: 5\n\n'],
  ['a control character', 'HTTP/1.1 200 OK\nA: b\0c\n\n'],
  ['two lengths', 'HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 6\n\n'],
  ['two ranges', 'HTTP/1.1 206 OK\nContent-Range: bytes 0-1/5\nContent-Range: bytes 2-3/5\n\n'],
])('%s is refused', (_what, text) => {
  expect(() => headOf(text)).toThrow(BadAnswer)
})

test('a bare line feed does not end a line', () => {
  expect(() => new HeadReader().read(Buffer.from('HTTP/1.1 200 OK\nA: b\r\n\r\n'))).toThrow(BadAnswer)
})

test('a head without an end is given up', () => {
  const reader = new HeadReader()
  reader.read(answer('HTTP/1.1 200 OK\n'))

  expect(() => reader.read(Buffer.alloc(70_000, 'a'))).toThrow('too long')
})

test('names of prototypes are headers like others', () => {
  const { headers } = headOf('HTTP/1.1 200 OK\n__proto__: x\nconstructor: y\n\n').head

  expect(Object.entries(headers)).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
})

test.each([
  ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n', { kind: 'chunked' }],
  ['HTTP/1.1 200 OK\n\n', { kind: 'close' }],
  ['HTTP/1.1 204 No Content\n\n', { kind: 'length', bytes: 0 }],
])('%j is a body that is framed so', (text, framing) => {
  expect(framingOf(headOf(text).head)).toEqual(framing)
})

test.each([
  'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Length: 5\n\n',
  'HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked\n\n',
  'HTTP/1.1 200 OK\nContent-Length: -1\n\n',
  'HTTP/1.1 200 OK\nContent-Length: 5x\n\n',
])('the length of %j is in doubt', (text) => {
  expect(() => framingOf(headOf(text).head)).toThrow(BadAnswer)
})

test('HTTP/1.0 and `close` end a connection after its answer', () => {
  expect(headOf('HTTP/1.0 200 OK\n\n').head.keepsAlive).toBe(false)
  expect(headOf('HTTP/1.0 200 OK\nConnection: keep-alive\n\n').head.keepsAlive).toBe(true)
  expect(headOf('HTTP/1.1 200 OK\nConnection: Close\n\n').head.keepsAlive).toBe(false)
})

test('a body in chunks is taken apart however it is cut', () => {
  const bytes = answer('5;name=value\nhello\n1\n \nA\nworld12345\n0\nTrailer: x\n\n')
  for (let cut = 0; cut <= bytes.length; cut++) {
    const body = new ChunkedBody()
    const parts = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((piece) =>
      [...body.read(piece)].map((part) => Buffer.from(part).toString()),
    )

    expect(parts.join('')).toBe('hello world12345')
    expect(body.done).toBe(true)
  }
})

test.each(['x\n', '5\nhello!\n', '5 5\nhello', '-5\n', '0\n\nmore'])(
  'the chunks of %j are malformed',
  (text) => {
    expect(() => [...new ChunkedBody().read(answer(text))]).toThrow(BadAnswer)
  },
)

test('a body that breaks off within its chunks is not done', () => {
  const body = new ChunkedBody()
  const parts = [...body.read(answer('5\nhel'))]

  expect(parts).toHaveLength(1)
  expect(body.done).toBe(false)
})
