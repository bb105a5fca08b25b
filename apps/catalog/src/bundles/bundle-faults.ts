import type { PutBundle } from '@easel/contracts'
import type { Fault } from '@easel/protocol'
import { filePathOf } from '../needs/file-name.ts'

/** What the message's own rules cannot say: names that stay below their folder, and each place once. */
export function bundleFaults({ files }: Pick<PutBundle, 'files'>): Fault[] {
  const places = new Set<string>()
  return files.flatMap(({ folder, filename }, index) => {
    const path = `files.${index}.filename`
    const place = `${folder}/${filename}`.toLowerCase()
    if (filename !== filePathOf(filename))
      return [{ path, message: 'This is no name of a file below a folder' }]
    if (places.has(place)) return [{ path, message: `${folder}/${filename} is there twice` }]
    places.add(place)
    return []
  })
}
