import { useQuery } from '@tanstack/react-query'
import { eachItem } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { isGiven } from '../../lib/given.ts'

export type ModelLook = { title?: string; family?: string; preview?: string }

/** A list of choices is looked through with the eyes: of more files nobody needs the pictures. */
const mostFiles = 1_000

/** By how a workflow names the file: below its folder. */
export function useModelLooks(on: boolean): ReadonlyMap<string, ModelLook> {
  const { data } = useQuery({
    queryKey: ['library', 'looks'],
    enabled: on,
    queryFn: async () => {
      const looks = new Map<string, ModelLook>()
      const list = (cursor: string | undefined) =>
        easel.library.files({ limit: 200, ...(cursor !== undefined && { cursor }) })
      for await (const { id, path, folder, title, family, preview } of eachItem(list)) {
        looks.set(path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path, {
          ...(isGiven(title) && { title }),
          ...(isGiven(family) && { family }),
          ...(isGiven(preview) && { preview: `/api/library/files/${id}/preview` }),
        })
        if (looks.size >= mostFiles) break
      }
      return looks
    },
  })
  return data ?? none
}

const none: ReadonlyMap<string, ModelLook> = new Map()
