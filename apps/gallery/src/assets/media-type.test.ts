import { expect, test } from 'vitest'
import { harmlessMime, mediaTypeOf } from './media-type.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

test.each([
  ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'a.png'],
  ['  \n<!DOCTYPE html><p>', 'a.txt'],
  ['hello <script>alert(1)</script>', 'a.txt'],
  ['<?xml version="1.0"?>', 'a.json'],
  ['\x00\x01\x02', 'a.txt'],
])('markup and unknown bytes are never named: %j', (text, name) => {
  expect(mediaTypeOf(bytes(text), name)).toEqual({ mime: 'application/octet-stream', kind: 'other' })
})

test('the bytes decide, not the name', () => {
  expect(mediaTypeOf(bytes('\x89PNG\r\n\x1a\n'), 'a.html')).toEqual({ mime: 'image/png', kind: 'image' })
  expect(mediaTypeOf(bytes('fLaC\0\0'), 'a.png')).toEqual({ mime: 'audio/flac', kind: 'audio' })
  expect(mediaTypeOf(bytes('{"a":1}'), 'a.json')).toEqual({ mime: 'application/json', kind: 'text' })
  expect(mediaTypeOf(Buffer.from('größe'), 'a.md')).toEqual({ mime: 'text/plain', kind: 'text' })
})

test('a GIF that repeats is an animation', () => {
  expect(mediaTypeOf(bytes('GIF89a........NETSCAPE2.0'), 'a.gif').kind).toBe('animation')
})

test('a claimed type is believed only when it cannot run', () => {
  expect(harmlessMime('IMAGE/PNG; charset=x')).toBe('image/png')
  expect(harmlessMime('image/svg+xml')).toBe('application/octet-stream')
  expect(harmlessMime('text/html')).toBe('application/octet-stream')
})
