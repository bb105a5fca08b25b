import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { count } from '../../lib/format.ts'
import { tell, tellError } from '../../ui/toasts.tsx'

/** The first of what came of it. */
export async function importFile(file: File): Promise<string | undefined> {
  try {
    const { collections, remarks } = await easel.collections.import({ text: await file.text() })
    const changed = collections.filter(({ outcome }) => outcome !== 'unchanged').length
    tell(changed === 0 ? 'Everything in it is here already' : `${count(changed, 'collection')} imported`, {
      ...(remarks.length > 0 && {
        description: remarks
          .slice(0, 3)
          .map(({ path, message }) => `${path}: ${message}`)
          .join('\n'),
      }),
    })
    void queries.invalidateQueries({ queryKey: ['collections'] })
    return collections.length === 1 ? (collections[0]?.id ?? undefined) : undefined
  } catch (error) {
    tellError(error)
    return undefined
  }
}

/** Saves one collection as a file that can be imported elsewhere. */
export async function exportFile(id: string, name: string): Promise<void> {
  try {
    const text = JSON.stringify(await easel.collections.export({ ids: [id] }), null, 2)
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${name.replaceAll(/[^\p{L}\p{N} _-]/gu, '').trim() || 'collection'}.json`
    link.click()
    URL.revokeObjectURL(url)
  } catch (error) {
    tellError(error)
  }
}
