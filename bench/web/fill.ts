import { openDatabase } from '@easel/database'
import { aPicture, shapes } from '../../e2e/support/pictures.ts'
import type { Api } from '../../e2e/support/api.ts'

type Amounts = {
  /** In the gallery in the end. */
  assets: number
  /** Different contents among them, each with its own thumbnails. */
  pictures: number
}

const abreast = 4

/**
 * Uploads the pictures as anybody would, has their thumbnails made, and writes the other assets, each with one of these
 * contents, as rows: what a page asks for and is sent is the same for every asset.
 */
export async function fillGallery(
  api: Api,
  databaseUrl: string,
  { assets, pictures }: Amounts,
): Promise<void> {
  const { body } = await api.get('/api/assets/stats')
  const there = body.total as number
  if (there >= assets) return
  if (there === 0) {
    let next = 0
    await Promise.all(
      Array.from({ length: abreast }, async () => {
        for (let number = next++; number < pictures; number = next++) await addPicture(api, number)
      }),
    )
  }
  await using database = openDatabase({ url: databaseUrl, schema: 'gallery', poolSize: 1 })
  await database.query(
    `with known as (select *, row_number() over (order by seq) - 1 as place from asset),
          written as (select g, 'a study in light and grain, number ' || g || ', ' ||
            (array['harbour at dawn', 'clockmaker by a window', 'greenhouse in fog', 'two foxes in snow'])[1 + g % 4] ||
            ', highly detailed, soft shadows, film grain, 35 mm, wide angle, muted colours' as prompt
          from generate_series(1, $1::int) g)
     insert into asset (id, space_id, created_by, blob, kind, origin, filename, prompt, models, loras, sampler,
       scheduler, seed, steps, cfg, tags, search, favorite, rating)
     select gen_random_uuid(), space_id, created_by, blob, kind, origin, filename, w.prompt,
       array['juniper_xl_v' || g % 9 || '.safetensors'], array[]::text[], 'dpmpp_2m', 'karras', (g * 7919)::text, 30,
       6.5, array[]::text[], lower(w.prompt), g % 17 = 0, g % 6
     from written w join known on known.place = (w.g::bigint * 7919) % (select count(*) from known)`,
    [assets - Math.max(there, pictures)],
  )
}

async function addPicture(api: Api, number: number): Promise<void> {
  const picture = await aPicture(number, shapes[number % shapes.length]!)
  const { body, status } = await api.send('POST', `/api/assets?filename=study-${number}.jpg`, picture, {
    'content-type': 'image/jpeg',
  })
  if (status !== 201) throw new Error(`An upload was answered with ${status}`)
  for (const size of [256, 512]) await api.bytes(`/api/assets/${body.id as string}/thumbnail?size=${size}`)
}
