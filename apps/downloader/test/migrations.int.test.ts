import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '@easel/database'
import { newId } from '@easel/protocol'
import { emptyTestDatabase, tempDirectory } from '@easel/testing'
import { Client } from 'pg'
import { expect, test } from 'vitest'

const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url))
const schema = 'downloader'

/** As a downloader of before knew it. */
const insertTransfer = `insert into downloader.transfers (id, key, url_key, url, sealed_url, folder)
  values ($1, $2, $2, 'https://Models.Example:8443/a.safetensors', 'sealed', 'loras')`
const insertDownload = `insert into downloader.downloads (id, transfer_id, space_id, created_by)
  values ($1, $2, $3, $4)`

test('downloads of before, and of a downloader of before, have their one file', async () => {
  await using database = await emptyTestDatabase()
  await using older = await tempDirectory()
  for (const name of (await readdir(migrations)).filter((each) => each < '20261120163000')) {
    await mkdir(join(older.path, name), { recursive: true })
    await cp(join(migrations, name), join(older.path, name), { recursive: true })
  }
  await migrate({ url: database.url, schema, directory: older.path })
  const sql = new Client({ connectionString: database.url })
  await sql.connect()
  await using _end = { [Symbol.asyncDispose]: () => sql.end() }
  const [before, during, other, user] = [newId(), newId(), newId(), newId()]
  const [first, second] = [newId(), newId()]
  await sql.query(insertTransfer, [first, 'key'])
  await sql.query(insertDownload, [before, first, newId(), user])

  await migrate({ url: database.url, schema, directory: migrations })
  await sql.query(insertTransfer, [second, 'other'])
  await sql.query(insertDownload, [during, first, newId(), other])
  await sql.query('update downloader.downloads set transfer_id = $2 where id = $1', [during, second])

  const files = await sql.query(
    'select download_id, position, transfer_id, reused from downloader.download_files order by download_id',
  )
  expect(files.rows).toEqual([
    { download_id: before, position: 0, transfer_id: first, reused: false },
    { download_id: during, position: 0, transfer_id: second, reused: false },
  ])
  const { rows } = await sql.query('select host, wanted_by from downloader.transfers where id = $1', [first])
  expect(rows).toEqual([{ host: 'models.example:8443', wanted_by: user }])
})
