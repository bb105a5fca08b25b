import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { Check, Plus, SearchX } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { bytes } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Filter, FilterButton, SearchBox } from '../../ui/search-box.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { familiesQuery, useFamilyNames } from '../models/families.ts'
import { Picture } from '../models/picture.tsx'
import { showCollection } from './collections.ts'
import { LoraState } from './lora-state.tsx'
import type { CollectionView, LoraView } from '@easel/client'

const pageSize = 40

/** All LoRAs that are known, with a search and what they are to go with. */
export function AddLoras({ collection, onClose }: { collection: CollectionView; onClose: () => void }) {
  const [q, setQ] = useState('')
  const [family, setFamily] = useState<string>()
  const [here, setHere] = useState(false)
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['models', 'loras', q, family, here],
    queryFn: ({ pageParam, signal }) =>
      easel.loras.list(
        {
          limit: pageSize,
          ...(q !== '' && { q }),
          ...(family !== undefined && { for: family }),
          ...(here && { installed: true }),
          ...(pageParam !== undefined && { cursor: pageParam }),
        },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
  })
  const loras = data?.pages.flatMap(({ items }) => items)
  const there = new Set(collection.entries.map(placeOf))
  return (
    <Dialog title={`Add LoRAs to “${collection.name}”`} open onClose={onClose}>
      <div className="flex min-h-[55dvh] flex-col gap-3">
        <div role="search" className="flex flex-col gap-2">
          <div className="flex">
            <SearchBox label="Search LoRAs" placeholder="Name, trigger word …" value={q} onChange={setQ} />
          </div>
          <div className="flex gap-2">
            <FamilyFilter value={family} onChoose={setFamily} />
            <FilterButton pressed={here} onPress={() => setHere(!here)}>
              Only what is here
            </FilterButton>
          </div>
        </div>
        {error && !loras && <Failure error={error} retry={() => void refetch()} />}
        {!loras && !error && <Loading rows={5} />}
        {loras?.length === 0 && (
          <Empty title="No LoRA fits" icon={<SearchX size={28} strokeWidth={1.5} />}>
            What is not known yet is found under Search, and is listed here from then on.
          </Empty>
        )}
        <ul className="divide-y" aria-label="LoRAs">
          {loras?.map((lora) => (
            <Row
              key={`${lora.origin} ${JSON.stringify(lora.lora)}`}
              lora={lora}
              collectionId={collection.id}
              there={there.has(placeOf(lora))}
            />
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

function FamilyFilter({
  value,
  onChoose,
}: {
  value: string | undefined
  onChoose: (family: string | undefined) => void
}) {
  const { data } = useQuery(familiesQuery)
  return (
    <Filter label="For models of" value={value ?? ''} onChoose={onChoose}>
      <option value="">For any model</option>
      {data?.items.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Filter>
  )
}

const origins: Record<LoraView['origin'], string> = {
  preset: 'of a bundle',
  downloaded: 'downloaded',
  local: 'of your own',
  catalogue: 'of the catalogue',
}

function Row({ lora, collectionId, there }: { lora: LoraView; collectionId: string; there: boolean }) {
  const nameOf = useFamilyNames()
  const { title, family, origin, bytes: size, triggerWords, preferredWeight } = lora
  const add = useMutation({
    mutationFn: () =>
      easel.collections.add(collectionId, [
        { lora: lora.lora, ...(isGiven(preferredWeight) && { weight: preferredWeight }) },
      ]),
    onSuccess: showCollection,
    onError: tellError,
  })
  const facts = [isGiven(family) && nameOf(family), origins[origin], isGiven(size) && bytes(size)]
  return (
    <li className="flex items-center gap-3 py-2">
      <span className="size-12 shrink-0 overflow-hidden rounded-control bg-hover">
        <Picture example={lora.image ?? undefined} alt="" width={64} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium" title={title} dir="auto">
          {title}
        </p>
        <p className="nums flex flex-wrap gap-x-2 text-sm text-ink-2">
          <LoraState {...lora} />
          <span className="min-w-0 truncate">{facts.filter(Boolean).join(' · ')}</span>
        </p>
        {triggerWords.length > 0 && (
          <p className="truncate text-sm text-ink-3" dir="auto">
            {triggerWords.join(', ')}
          </p>
        )}
      </div>
      <Button
        small
        disabled={there || add.isPending}
        icon={there ? <Check size={15} aria-hidden /> : <Plus size={15} aria-hidden />}
        aria-label={there ? `${title} is in it` : `Add ${title}`}
        onClick={() => add.mutate()}
      >
        {there ? 'In it' : 'Add'}
      </Button>
    </li>
  )
}

/** Equal for the same LoRA, however it is named. */
function placeOf({ lora, libraryFileId }: Pick<LoraView, 'lora' | 'libraryFileId'>): string {
  if (isGiven(libraryFileId)) return libraryFileId
  const { source, versionId, repo, path, bundleId } = lora
  return [source, versionId, repo, path, bundleId].filter(Boolean).join(' ')
}
