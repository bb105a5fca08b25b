import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { diskFault, diskSpace } from './disk-space.ts'

test.each([
  ['ENOSPC', 'DISK_FULL', 'conflict'],
  ['EDQUOT', 'DISK_FULL', 'conflict'],
  ['EROFS', 'DISK_READ_ONLY', 'conflict'],
  ['EACCES', 'DISK_READ_ONLY', 'conflict'],
  ['EIO', 'DISK_FAILED', 'internal'],
])('%s is told as %s', (code, reason, kind) => {
  expect(diskFault({ code, message: 'write' })).toMatchObject({ code: kind, extra: { reason } })
})

test('the reserve stays free, in bytes or as a share, whichever is more', async () => {
  await expect(diskSpace(tmpdir(), { bytes: 0, share: 0 }).require(0)).resolves.toBeUndefined()
  for (const reserve of [
    { bytes: 2 ** 60, share: 0 },
    { bytes: 0, share: 1 },
  ])
    await expect(diskSpace(tmpdir(), reserve).require(0)).rejects.toMatchObject({
      extra: { reason: 'DISK_FULL' },
    })
})
