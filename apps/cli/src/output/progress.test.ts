import { expect, test } from 'vitest'
import { barOf, openProgress } from './progress.ts'

function recording(isTTY: boolean) {
  const written: string[] = []
  return { isTTY, columns: 40, written, write: (text: string) => written.push(text) }
}

test('in a pipe a line is said for each new label and each tenth, and nothing is written over', () => {
  const stream = recording(false)
  using view = openProgress(stream, false)

  view.update({ label: 'queued', detail: 'place 2' })
  view.update({ label: 'queued', detail: 'place 2' })
  for (const value of [0, 0.05, 0.1, 0.15, 0.2]) view.update({ label: 'KSampler', value })

  expect(stream.written).toEqual(['queued (place 2)\n', 'KSampler 0%\n', 'KSampler 10%\n', 'KSampler 20%\n'])
})

test('on a terminal one line is written over, and removed at the end', () => {
  const stream = recording(true)
  {
    using view = openProgress(stream, false)
    view.update({ label: 'KSampler', value: 0.5, detail: 'step 10/20', etaSeconds: 5 })
    view.note('a line that stays')
  }

  expect(stream.written[0]).toBe('a line that stays\n')
  expect(stream.written[1]).toMatch(/^\r\x1b\[2K\[#{10}-{10}\] {2}50% {2}KSam…?/)
  expect(stream.written.at(-1)).toBe('\r\x1b[2K')
})

test('another writer gets the terminal for itself', () => {
  const stream = recording(true)
  using view = openProgress(stream, false)
  view.update({ label: 'first' })
  view.note('noted')

  view.above(() => stream.write('path\n'))

  expect(stream.written.slice(2)).toEqual(['\r\x1b[2K', 'path\n', '\r\x1b[2Kfirst'])
})

test('quiet says nothing', () => {
  const stream = recording(true)
  using view = openProgress(stream, true)

  view.update({ label: 'KSampler', value: 0.5 })
  view.note('noted')

  expect(stream.written).toEqual([])
})

test('a bar tells percent, step and the time to go', () => {
  expect(barOf({ label: 'Sampler', value: 0.42, detail: 'step 9/20', etaSeconds: 75 })).toBe(
    '[########------------]  42%  Sampler  step 9/20  ETA 1m 15s',
  )
})

test('the title of a node cannot act on the terminal', () => {
  expect(barOf({ label: '\x1b[2J' })).toBe('\\x1b[2J')
})
