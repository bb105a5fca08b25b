import { expect, test } from 'vitest'
import { apiDocument } from './api-document.ts'

type Operation = { operationId: string; summary: string; responses: object }
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: object } }

const document = apiDocument() as Document
const operations = Object.values(document.paths).flatMap((path) => Object.values(path))

test('every operation has a name of its own, a summary and the answer to errors', () => {
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  expect(operations.every(({ summary }) => summary.length > 5)).toBe(true)
  expect(operations.every(({ responses }) => 'default' in responses)).toBe(true)
})

test('every reference leads somewhere', () => {
  const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name,
  )

  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name) => !Object.hasOwn(document.components.schemas, name ?? ''))).toEqual([])
})

test('a field is described by its rules', () => {
  expect(document.components.schemas).toMatchObject({
    JobView: {
      required: expect.arrayContaining(['id', 'status']),
      properties: {
        id: { type: 'string', format: 'uuid' },
        status: { type: 'string', enum: expect.arrayContaining(['queued']) },
        outputs: { type: 'array', items: { $ref: '#/components/schemas/JobOutput' } },
        name: { type: ['string', 'null'] },
      },
    },
    SubmitJob: { properties: { workflow: { type: ['object', 'null'], additionalProperties: true } } },
  })
  expect(JSON.stringify(document.components.schemas)).not.toContain('idempotencyHash')
})
