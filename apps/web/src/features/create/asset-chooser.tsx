import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'

type AssetChooserProps = {
  label: string
  kind: 'image' | 'file'
  onChoose: (id: string) => void
  onClose: () => void
}

const pageSize = 60

/** The newest of the gallery, and a search over all of it. */
export function AssetChooser({ label, kind, onChoose, onClose }: AssetChooserProps) {
  const [q, setQ] = useState('')
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['assets', 'chooser', kind, q],
    queryFn: ({ pageParam }) =>
      easel.assets.list({
        limit: pageSize,
        ...(kind === 'image' && { kind: 'image' as const }),
        ...(q !== '' && { q }),
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
  })
  const assets = data?.pages.flatMap(({ items }) => items)
  return (
    <Dialog title={`Choose from the gallery for “${label}”`} open onClose={onClose}>
      <div className="flex min-h-[50dvh] flex-col gap-3">
        <div className="flex">
          <SearchBox
            label="Search the gallery"
            placeholder="Prompt, model, tag …"
            value={q}
            onChange={setQ}
          />
        </div>
        {error && !assets && <Failure error={error} retry={() => void refetch()} />}
        {!assets && !error && <Loading rows={4} />}
        {assets?.length === 0 && (
          <Empty
            title={
              q === '' ? `The gallery has no ${kind === 'image' ? 'pictures' : 'files'} yet` : 'Nothing fits'
            }
          >
            {q === '' ? 'What you make and upload appears there.' : 'Try other words.'}
          </Empty>
        )}
        <ul className="grid grid-cols-3 gap-2 sm:grid-cols-5">
          {assets?.map(({ id, prompt, filename }) => (
            <li key={id}>
              <button
                type="button"
                onClick={() => onChoose(id)}
                title={prompt ?? filename ?? undefined}
                aria-label={`Use ${prompt?.slice(0, 80) ?? filename ?? 'this'}`}
                className="block aspect-square w-full overflow-hidden rounded-control bg-inset hover:opacity-85"
              >
                <img
                  src={`/api/assets/${id}/thumbnail?size=256`}
                  alt=""
                  loading="lazy"
                  className="size-full object-cover"
                />
              </button>
            </li>
          ))}
        </ul>
        {hasNextPage && (
          <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        )}
      </div>
    </Dialog>
  )
}
