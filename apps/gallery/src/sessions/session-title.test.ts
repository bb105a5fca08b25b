import { expect, test } from 'vitest'
import { titleOfPrompt } from './session-title.ts'

test('a title is the first six words', () => {
  expect(titleOfPrompt('a small red fox sleeping under a birch')).toBe('a small red fox sleeping under')
})

test('a title has at most fifty characters and no cut word', () => {
  const title = titleOfPrompt('extraordinarily magnificent phantasmagorical architecture everywhere')!

  expect(title).toBe('extraordinarily magnificent phantasmagorical')
})

test('one endless word is cut', () => {
  expect(titleOfPrompt('x'.repeat(500))).toHaveLength(50)
})

test('weights, loras and embeddings are not words', () => {
  expect(titleOfPrompt('(masterpiece:1.2), <lora:ink:0.8> a ((heron)) embedding:bad-hands, reeds')).toBe(
    'masterpiece a heron reeds',
  )
})

test('what has no words gives no title', () => {
  expect(titleOfPrompt(' ,,, \n\t()')).toBeUndefined()
})
