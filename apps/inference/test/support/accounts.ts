import { openDatabase } from '@easel/database'
import { expect } from 'vitest'
import { AccountsRepository } from '../../src/control/accounts/accounts.repository.ts'
import { anActor } from './start-control.ts'
import type { TestControl } from './start-control.ts'
import type { AccountId, Limits, UsageTotal } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Actor } from '@easel/protocol'

export const admin = anActor('admin')

export const ofSpace = ({ personalSpaceId }: Actor): AccountId => ({ scope: 'space', id: personalSpaceId })
export const ofUser = ({ userId }: Actor): AccountId => ({ scope: 'user', id: userId })

export async function limit(control: TestControl, account: AccountId, limits: Limits): Promise<void> {
  await control.client.setLimits({ ...account, limits }, { actor: admin })
}

/** Of the present day. */
export async function usageOf(control: TestControl, account: AccountId): Promise<UsageTotal> {
  const report = await control.client.getUsage({ ...account, period: 'day' }, { actor: admin })
  const [total] = report.totals
  if (!total) throw new Error('The present day is always there')
  return total
}

export const ledgerOf = (control: TestControl): Database =>
  openDatabase({ url: control.databaseUrl, schema: 'inference' })

/** Usage is what was charged to the jobs that have ended, and what is held back is what the open ones say. */
export async function expectLedgerToAddUp(control: TestControl): Promise<void> {
  await using database = ledgerOf(control)
  const accounts = new AccountsRepository(database)
  expect(await accounts.listWrong()).toEqual([])
  expect(await accounts.listDrift()).toEqual([])
}
