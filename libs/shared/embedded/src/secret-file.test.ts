import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSecretFile } from './secret-file.ts'

test('only the owner reads it, whatever a start cut short has left', async () => {
  const home = await mkdtemp(join(tmpdir(), 'easel-secret-'))
  try {
    const path = join(home, 'secrets.json')
    await writeFile(`${path}.new`, 'the half of something longer')
    await chmod(`${path}.new`, 0o644)

    await writeSecretFile(path, 'secret')

    expect(await readFile(path, 'utf8')).toBe('secret')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await expect(stat(`${path}.new`)).rejects.toMatchObject({ code: 'ENOENT' })
  } finally {
    await rm(home, { recursive: true })
  }
})
