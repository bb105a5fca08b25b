import { expect, test } from 'vitest'
import { parseMultipart } from './multipart.ts'

const body = (...parts: readonly string[]) =>
  Buffer.from([...parts.map((part) => `--b\r\n${part}\r\n`), '--b--\r\n'].join(''))

test('fields and files are told apart', () => {
  const parts = parseMultipart(
    body(
      'Content-Disposition: form-data; name="type"\r\n\r\ntemp',
      'Content-Disposition: form-data; name="image"; filename="füß \\"画\\".png"\r\nContent-Type: image/png\r\n\r\nab\r\ncd',
    ),
    'multipart/form-data; boundary=b',
  )

  expect(parts).toEqual([
    { name: 'type', bytes: Buffer.from('temp') },
    { name: 'image', filename: 'füß "画".png', bytes: Buffer.from('ab\r\ncd') },
  ])
})

test('another content type is no form', () => {
  expect(parseMultipart(Buffer.from('{}'), 'application/json')).toBeUndefined()
  expect(parseMultipart(Buffer.from('{}'), undefined)).toBeUndefined()
})

test('a cut off form gives only its whole parts', () => {
  const whole = body('Content-Disposition: form-data; name="a"\r\n\r\n1')

  expect(parseMultipart(whole.subarray(0, 40), 'multipart/form-data; boundary=b')).toEqual([])
})
