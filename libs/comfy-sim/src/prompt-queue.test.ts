import { expect, test } from 'vitest'
import { PromptQueue, type QueueItem } from './prompt-queue.ts'

const item = (number: number): QueueItem => ({
  number,
  id: `id ${number}`,
  prompt: {},
  extraData: {},
  outputs: [],
  arrivedAt: 0,
})

test('pending prompts lie in the order of a heap, as a recording shows', () => {
  const queue = new PromptQueue()
  for (const number of [10, 11, 8, -9, -5]) queue.push(item(number))

  expect(queue.pending.map(({ number }) => number)).toEqual([-9, -5, 10, 11, 8])
})

test('prompts leave by number, whatever was deleted in between', () => {
  const queue = new PromptQueue()
  for (const number of [5, 3, 9, 1, 7, 0.5, -2]) queue.push(item(number))
  queue.delete('id 3')

  const left: number[] = []
  for (let next = queue.pop(); next; next = queue.pop()) left.push(next.number)

  expect(left).toEqual([-2, 0.5, 1, 5, 7, 9])
})

test('deleting what is not there changes nothing', () => {
  const queue = new PromptQueue()
  queue.push(item(1))

  expect(queue.delete('id 2')).toBe(false)
  expect(queue.pending).toHaveLength(1)
})
