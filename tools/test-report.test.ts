import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDirectory } from '@easel/testing'
import { expect, test } from 'vitest'
import { countTests } from './test-report.ts'

async function countsOf(report: object): Promise<ReturnType<typeof countTests>> {
  await using directory = await tempDirectory()
  const path = join(directory.path, 'report.json')
  writeFileSync(path, JSON.stringify(report))
  return countTests(path)
}

test('tests that passed and failed are counted', async () => {
  const testResults = [{ status: 'failed', assertionResults: [{}, {}] }]

  expect(await countsOf({ numPassedTests: 7, numFailedTests: 2, testResults })).toEqual({
    passed: 7,
    failed: 2,
  })
})

test('a file that could not be loaded counts as a failed test', async () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'passed', assertionResults: [{}] },
  ]

  expect(await countsOf({ numPassedTests: 1, numFailedTests: 0, testResults })).toEqual({
    passed: 1,
    failed: 1,
  })
})

test('without a report nothing has passed', () => {
  expect(countTests('/nowhere/report.json')).toEqual({ passed: 0, failed: 0 })
})
