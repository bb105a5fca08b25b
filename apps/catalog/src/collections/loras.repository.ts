import type { Database } from '@easel/database'
import { fileColumns } from '../library/library.repository.ts'
import { withModels } from './known-loras.repository.ts'
import type { LibraryLora } from './known-loras.repository.ts'

export type LibraryWish = {
  /** In small letters: all of them are to be found. */
  words: readonly string[]
  families: readonly string[] | undefined
  /** Only what a download put there, or only what it did not. */
  placed: boolean | undefined
  /** Of files that are listed elsewhere. */
  except: { hashes: readonly string[]; paths: readonly string[] }
  after: readonly [name: string, id: string] | undefined
  limit: number
}

export type NamedCheckpoint = { name: string; family: string | null }

/** LoRAs among the files of the library, and what they are for. */
export class LorasRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async listLibrary({ words, families, placed, except, after, limit }: LibraryWish): Promise<LibraryLora[]> {
    const { rows } = await this.database.query<LibraryLora>(
      withModels(`select ${fileColumns} from files
        where (type = 'lora' or (type is null and folder = 'loras')) and state <> 'refused'
          and lower(concat_ws(' ', path, title, array_to_string(trigger_words, ' '))) like all ($1::text[])
          and ($2::text[] is null or family = any($2))
          and ($3::bool is null or $3 = exists (select from placed_files p where p.file_id = files.id))
          and coalesce(sha256, '') <> all ($4::text[]) and path <> all ($5::text[])
          and ($6::text is null or (lower(name), id) > (lower($6), $7::uuid))
        order by lower(name), id limit $8`) + ' order by lower(f.name), f.id',
      [
        words.map((word) => `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`),
        families ?? null,
        placed ?? null,
        except.hashes,
        except.paths,
        after?.[0] ?? null,
        after?.[1] ?? null,
        limit,
      ],
      { name: 'loras-library' },
    )
    return rows
  }

  /** By id, by path, or as ComfyUI names it in its folder. */
  async findCheckpoint(text: string): Promise<NamedCheckpoint | undefined> {
    const { rows } = await this.database.query<NamedCheckpoint>(
      `select name, family from files
       where folder in ('checkpoints', 'diffusion_models')
         and (id::text = lower($1) or path = $1 or substr(path, length(folder) + 2) = $1)
       order by family is null, path limit 1`,
      [text],
      { name: 'loras-checkpoint' },
    )
    return rows[0]
  }

  /** Which of these models are favourites of this user. */
  async listFavorites(userId: string, models: readonly { source: string; id: string }[]) {
    const { rows } = await this.database.query<{ source: string; id: string }>(
      `select f.source, f.model_id as id from favorites f
       join jsonb_to_recordset($2::jsonb) as w(source text, id text) on w.source = f.source and w.id = f.model_id
       where f.user_id = $1`,
      [userId, JSON.stringify(models)],
      { name: 'loras-favorites' },
    )
    return rows
  }
}
