import { useQuery } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { toFile } from './models-search.ts'
import type { Go } from './models-search.ts'

export const libraryFileQuery = (id: string) => ({
  queryKey: ['library', 'file', id],
  queryFn: () => easel.library.get(id),
})

/** Where an installed file lies. */
export function InstalledAt({ fileId, go }: { fileId: string; go: Go }) {
  const { data: file } = useQuery(libraryFileQuery(fileId))
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <p className="min-w-0 flex-1 basis-40">
        <span className="flex items-center gap-1.5 font-medium text-good">
          <CircleCheck size={16} className="shrink-0" aria-hidden /> Installed
        </span>
        {file && (
          <span className="block truncate text-sm text-ink-2" title={file.path}>
            {file.path}
          </span>
        )}
      </p>
      <Button small onClick={() => go(toFile(fileId), false)}>
        In the library
      </Button>
    </div>
  )
}
