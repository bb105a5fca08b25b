import type { Database } from '@easel/database'

/** Which library files a download has put there. */
export class PlacedFilesRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  /** Its id is made of its path, so it is known before the file is listed. Those of files that are gone go, too. */
  async add(fileId: string): Promise<void> {
    await this.database.query(
      `with gone as (
         delete from placed_files p where p.placed_at < now() - interval '1 day' and p.file_id <> $1
           and not exists (select from files f where f.id = p.file_id))
       insert into placed_files (file_id) values ($1) on conflict (file_id) do update set placed_at = now()`,
      [fileId],
      { name: 'placed-files-add' },
    )
  }
}
