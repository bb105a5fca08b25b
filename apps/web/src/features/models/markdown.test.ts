import { expect, test } from 'vitest'
import { readInline, readMarkdown } from './markdown.ts'

test('paragraphs, headings, lists, quotes and code are told apart', () => {
  const blocks = readMarkdown(
    '# Use\n\nFirst line\nsecond\n- one\n- two\n\n1. a\n2. b\n\n> said\n\n---\n```\nx = 1\n```',
  )
  expect(blocks.map(({ kind }) => kind)).toEqual([
    'heading',
    'paragraph',
    'list',
    'list',
    'quote',
    'line',
    'code',
  ])
  expect(blocks[1]).toMatchObject({ parts: [{ text: 'First line' }, { kind: 'break' }, { text: 'second' }] })
  expect(blocks[2]).toMatchObject({ ordered: false, items: [[{ text: 'one' }], [{ text: 'two' }]] })
  expect(blocks[6]).toEqual({ kind: 'code', text: 'x = 1' })
})

test('words can be strong, links go to the web only, and pictures are links', () => {
  expect(
    readInline('Use **0.8** or `0.6`, see [docs](https://example.com/a) ![pic](https://example.com/p.png)'),
  ).toEqual([
    { kind: 'text', text: 'Use ' },
    { kind: 'strong', text: '0.8' },
    { kind: 'text', text: ' or ' },
    { kind: 'code', text: '0.6' },
    { kind: 'text', text: ', see ' },
    { kind: 'link', text: 'docs', href: 'https://example.com/a' },
    { kind: 'text', text: ' ' },
    { kind: 'link', text: 'pic', href: 'https://example.com/p.png' },
  ])
  expect(readInline('[x](javascript:alert(1))')).toEqual([{ kind: 'text', text: '[x](javascript:alert(1))' }])
})

test('HTML is text, and names with underscores stay whole', () => {
  expect(readInline('<script>alert(1)</script>')).toEqual([
    { kind: 'text', text: '<script>alert(1)</script>' },
  ])
  expect(readInline('my_file_name and 3 * 4 * 5')).toEqual([
    { kind: 'text', text: 'my_file_name and 3 * 4 * 5' },
  ])
  expect(readInline('a &lt;lora&gt; \\*kept\\*')).toEqual([{ kind: 'text', text: 'a <lora> *kept*' }])
})

test('a hostile description is read in no time', () => {
  const began = performance.now()
  readMarkdown(`${'[['.repeat(20_000)}${'**_'.repeat(20_000)}${'> '.repeat(5_000)}`)
  expect(performance.now() - began).toBeLessThan(3_000)
})
