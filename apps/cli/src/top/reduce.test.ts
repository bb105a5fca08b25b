import { expect, test } from 'vitest'
import { aDownload } from '../../test/support/stand-in-gateway.ts'
import { wan } from '../../test/support/top-samples.ts'
import { reduce, type Action, type Effect } from './reduce.ts'
import { rowsOf } from './rows.ts'
import { countSelected, cursorAt, initialState, linesOf, visibleRows, type State } from './state.ts'

const rows = rowsOf([wan])

/** Keys as they are pressed: words are keys, `"text"` is typed letter by letter. */
function press(state: State, script: string): { state: State; effects: Effect[] } {
  const actions = script.split(' ').flatMap((word): Action[] => {
    const [, text] = /^"(.*)"$/.exec(word) ?? []
    if (text === undefined) return [{ type: 'key', name: word, text: word.length === 1 ? word : '' }]
    return [...text].map((letter) => ({ type: 'key', name: letter, text: letter }))
  })
  return run(state, actions)
}

function run(first: State, actions: readonly Action[]): { state: State; effects: Effect[] } {
  return actions.reduce<{ state: State; effects: Effect[] }>(
    ({ state, effects }, action) => {
      const step = reduce(state, action)
      return { state: step.state, effects: [...effects, ...step.effects] }
    },
    { state: first, effects: [] },
  )
}

const start = run(initialState, [{ type: 'rows', rows }]).state
const namesOf = (keys: Iterable<string>) => [...keys].map((key) => key.split('/').at(-1))
const filesOf = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.type === 'fetch' ? effect.files.map(({ filename }) => filename) : []))

test('only what is missing is shown, until s is pressed', () => {
  expect(visibleRows(start)).toHaveLength(4)
  expect(visibleRows(press(start, 's').state)).toHaveLength(5)
  expect(visibleRows(press(start, 's s').state)).toHaveLength(4)
})

test('Enter chooses both halves of a pair, and lets go of both', () => {
  const chosen = press(start, 'return').state
  const fromTheOther = press(start, 'down return').state

  expect(namesOf(chosen.selected)).toEqual(['wan_high_noise.safetensors', 'wan_low_noise.safetensors'])
  expect(fromTheOther.selected).toEqual(chosen.selected)
  expect(press(chosen, 'down return').state.selected.size).toBe(0)
})

test('with a filter, a chooses the visible ones only, and the count tells of the hidden ones', () => {
  const { state } = press(start, 'f "vae" return a')

  expect(namesOf(state.selected)).toEqual(['wan_vae.safetensors', 'wan_tae.safetensors'])
  expect(countSelected(press(state, 'f "x" return').state)).toEqual({ selected: 2, all: 5, hidden: 2 })
  expect(countSelected(press(state, 'escape a').state)).toEqual({ selected: 4, all: 5, hidden: 0 })
  expect(press(state, 'u').state.selected.size).toBe(0)
})

test('the filter holds while it is typed, takes letters that are keys, and Escape ends it', () => {
  const typed = press(start, 'f "vaed" backspace')

  expect(namesOf(linesOf(typed.state))).toEqual(['wan_vae.safetensors', 'wan_tae.safetensors'])
  expect(typed.effects).toEqual([])
  const out = press(typed.state, 'escape')
  expect(out.state).toMatchObject({ filter: '', filtering: false })
  expect(out.effects).toEqual([])
})

test('what is chosen stays so after another view, a filter, a refresh; the cursor stays on its line', () => {
  const chosen = press(start, 'end return').state
  const there = press(chosen, 'tab tab s f "high" escape').state
  const { state } = run(there, [{ type: 'rows', rows: rows.toReversed() }])

  expect(state.selected).toEqual(chosen.selected)
  expect(linesOf(state)[cursorAt(state)]).toBe(linesOf(chosen)[cursorAt(chosen)])
})

test('d asks for what is chosen and missing', () => {
  expect(press(start, 'd').state.message).toContain('Nothing is selected')
  expect(filesOf(press(start, 's a d').effects)).toEqual([
    'wan_high_noise.safetensors',
    'wan_low_noise.safetensors',
    'wan_vae.safetensors',
    'wan_tae.safetensors',
  ])
  const here = rows.map((row) => ({
    ...row,
    state: 'present' as const,
    files: row.files.map((file) => ({ ...file, state: 'present' as const })),
  }))
  const all = run(press(start, 's a').state, [{ type: 'rows', rows: here }]).state
  expect(press(all, 'd')).toMatchObject({ effects: [], state: { message: 'All of it is here' } })
})

test('Escape stops the running transfer that was started here, and only then it leaves', () => {
  const own = aDownload({ status: 'running' })
  const foreign = aDownload({ id: '0193b3a2-0000-7000-8000-0000000000d2', status: 'running' })
  const running = run(start, [
    { type: 'download', download: foreign },
    { type: 'download', download: own, startedHere: true },
  ]).state

  expect(press(running, 'escape').effects).toEqual([{ type: 'stop', ids: [own.id] }])
  const stopped = run(running, [{ type: 'download', download: { ...own, status: 'paused' } }]).state
  expect(press(stopped, 'escape').effects).toEqual([{ type: 'quit' }])
})

test('of the transfers, Enter opens, s starts again what stands, x cancels, Escape stops the one at the cursor', () => {
  const running = aDownload({ status: 'running' })
  const paused = aDownload({ id: '0193b3a2-0000-7000-8000-0000000000d2', status: 'paused' })
  const failed = aDownload({ id: '0193b3a2-0000-7000-8000-0000000000d3', status: 'failed' })
  const { state } = run(start, [{ type: 'downloads', downloads: [running, paused, failed] }])

  expect(press(state, 'tab escape').effects).toEqual([{ type: 'stop', ids: [running.id] }])
  expect(press(state, 'tab down s').effects).toEqual([{ type: 'resume', ids: [paused.id] }])
  expect(press(state, 'tab end s').effects).toEqual([{ type: 'retry', ids: [failed.id] }])
  expect(press(state, 'tab x').effects).toEqual([{ type: 'cancel', ids: [running.id] }])
  const opened = press(state, 'tab return')
  expect(opened.state.opened).toBe(running.id)
  expect(press(opened.state, 'escape')).toMatchObject({ state: { opened: undefined }, effects: [] })
})

test('r asks anew, q and Ctrl-C leave, and a key that means nothing does nothing', () => {
  expect(press(start, 'r').effects).toEqual([{ type: 'refresh' }])
  expect(press(start, 'q').effects).toEqual([{ type: 'quit' }])
  expect(press(start, 'f ctrl-c').effects).toEqual([{ type: 'quit' }])
  expect(press(start, 'z constructor __proto__')).toEqual({ state: start, effects: [] })
})

test('the cursor stays inside of the list, whatever its length', () => {
  expect(cursorAt(press(start, 'up pagedown pagedown down').state)).toBe(3)
  expect(cursorAt(press(start, 'end home up').state)).toBe(0)
  expect(cursorAt(press(initialState, 'down end return a d').state)).toBe(0)
})
