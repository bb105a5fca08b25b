import { expect, test } from 'vitest'
import { fromHtml, fromMarkdown, safeLink } from './markdown.ts'

test("a maker's HTML becomes Markdown with its headings, lists, links and pictures", () => {
  const { markdown, text } = fromHtml(
    '<h2>Use</h2><p>With <strong>care</strong> and <a href="https://a.example/x(1)">this</a>.<br>Twice.</p><ul><li>one</li><li>two</li></ul><img src="https://a.example/p.png" alt="a [cat]">',
  )

  expect(markdown).toBe(
    '## Use\n\nWith **care** and [this](https://a.example/x%281%29).\nTwice.\n\n- one\n- two\n\n![a \\[cat\\]](https://a.example/p.png)',
  )
  expect(text).toBe('Use\n\nWith care and this.\nTwice.\n\none\ntwo')
})

test.each([
  ['<script>alert(1)</script><p>hi</p>', 'hi'],
  ['<a href="javascript:alert(1)">hi</a>', 'hi'],
  ['<img src=x onerror=alert(1)>hi', 'hi'],
  ['<svg><a href="https://x.example">no</a></svg>hi', 'hi'],
  ['&lt;script&gt;hi', '&lt;script>hi'],
  ['<p>[x](javascript:alert(1))</p>', '\\[x\\](javascript:alert(1))'],
  ['<strong></strong>', null],
  ['', null],
])('nothing of HTML that could act survives: %s', (html, expected) => {
  expect(fromHtml(html).markdown).toBe(expected)
})

test('a model card loses its head of YAML and its HTML, not its code', () => {
  const card =
    '---\nlicense: mit\n---\n# Name\n<div align="center"><img src="x"></div>\n\n```\n<lora:name:1>\n```\nand `<b>` and 1 < 2 <!-- gone --> [go](javascript:alert(1)) [ok](https://ok.example)\n'

  const { markdown, text } = fromMarkdown(card)

  expect(markdown).toBe(
    '# Name\n\n\n```\n<lora:name:1>\n```\nand `<b>` and 1 &lt; 2  [go](#) [ok](https://ok.example)'.replace(
      '\n\n\n',
      '\n\n',
    ),
  )
  expect(text).toContain('go')
  expect(text).not.toContain('https')
})

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'ftp://a.example/',
  'https://u:p@a.example/',
  '/relative',
  '',
])('no link leads to %s', (target) => {
  expect(safeLink(target)).toBeUndefined()
})

test('a hostile description is read in no time', () => {
  const started = performance.now()

  fromHtml('<div>'.repeat(200_000))
  fromMarkdown('['.repeat(200_000))
  fromMarkdown('<'.repeat(200_000))
  fromMarkdown('`'.repeat(100_001))
  fromMarkdown('```\n'.repeat(50_000))

  expect(performance.now() - started).toBeLessThan(4_000)
})
