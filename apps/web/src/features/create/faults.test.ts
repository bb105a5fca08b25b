import { expect, test } from 'vitest'
import { placeOf, sortFaults } from './faults.ts'
import type { ParameterView } from '@easel/client'

const width = { key: '5.width', node: '5', input: 'width', label: 'width', nodeTitle: 'Empty latent' }
const parameters = [width as ParameterView]

test.each(['workflow.5.inputs.width', 'overrides.5.width', 'inputs.5.width'])(
  'a fault at %s stands at its control',
  (path) => {
    const { at, others } = sortFaults([{ path, message: 'must be at least 16' }], parameters)

    expect([...at]).toEqual([['5.width', 'must be at least 16']])
    expect(others).toEqual([])
  },
)

test('a fault of what the form does not have is for all to read', () => {
  const fault = { path: 'workflow.9.inputs.images', message: 'must be linked' }

  expect(sortFaults([fault], parameters).others).toEqual([fault])
})

test('a place is told in the words of the form', () => {
  expect(placeOf('workflow.5.inputs.width', parameters)).toBe('Width of Empty latent')
  expect(placeOf('workflow.5.inputs.model', parameters)).toBe('Empty latent (5.model)')
  expect(placeOf('workflow.9.class_type', parameters)).toBe('Node 9')
  expect(placeOf('workflow', parameters)).toBe('The workflow')
})
