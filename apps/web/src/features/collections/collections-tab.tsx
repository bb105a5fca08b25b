import { FileInput, Layers, Plus, SearchX } from 'lucide-react'
import { useRef, useState } from 'react'
import { useRights } from '../../api/rights.ts'
import { Button } from '../../ui/button.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { CollectionCard } from './collection-card.tsx'
import { CollectionSheet } from './collection-sheet.tsx'
import { createCollection, useCollections } from './collections.ts'
import { importFile } from './import-file.ts'
import { NameDialog } from './name-dialog.tsx'
import type { Go, ModelsSearch } from '../models/models-search.ts'

/** LoRAs that the people of a space use together. */
export function CollectionsTab({ search, go }: { search: ModelsSearch; go: Go }) {
  const { q, collection } = search
  const { data, error, refetch } = useCollections(q)
  const { fetch: mayChange } = useRights()
  const open = (id: string | undefined) => go({ collection: id }, false)
  return (
    <>
      <div role="search" className="flex flex-wrap gap-2">
        <div className="flex flex-1 max-md:w-full max-md:flex-none">
          <SearchBox
            label="Search collections"
            placeholder="Name …"
            value={q ?? ''}
            onChange={(text) => go({ q: text === '' ? undefined : text })}
          />
        </div>
        {mayChange && <Making onMade={open} />}
      </div>
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={4} />}
      {data?.items.length === 0 && <Nothing none={q === undefined} onShowAll={() => go({ q: undefined })} />}
      <ul
        className="grid grid-cols-[repeat(auto-fill,minmax(min(17rem,100%),1fr))] gap-4"
        aria-label="Collections"
      >
        {data?.items.map((item) => (
          <li key={item.id} className="min-w-0">
            <CollectionCard collection={item} onOpen={() => open(item.id)} />
          </li>
        ))}
      </ul>
      {collection !== undefined && (
        <CollectionSheet
          key={collection}
          id={collection}
          onClose={() => open(undefined)}
          onMoved={open}
          mayChange={mayChange}
        />
      )}
    </>
  )
}

function Making({ onMade }: { onMade: (id: string) => void }) {
  const [naming, setNaming] = useState(false)
  const file = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        small
        icon={<FileInput size={15} aria-hidden />}
        onClick={() => file.current?.click()}
        title="A loras.yaml, or what an export gave"
      >
        Import
      </Button>
      <input
        ref={file}
        type="file"
        accept=".yaml,.yml,.json"
        aria-label="Collections file"
        className="hidden"
        onChange={({ target }) => {
          const [chosen] = target.files ?? []
          target.value = ''
          if (chosen) void importFile(chosen).then((id) => id && onMade(id))
        }}
      />
      <Button small look="primary" icon={<Plus size={15} aria-hidden />} onClick={() => setNaming(true)}>
        New collection
      </Button>
      <NameDialog
        title="A new collection"
        action="Create"
        open={naming}
        onClose={() => setNaming(false)}
        onName={(name) => void createCollection({ name }).then((made) => made && onMade(made.id))}
      />
    </>
  )
}

function Nothing({ none, onShowAll }: { none: boolean; onShowAll: () => void }) {
  return (
    <Empty
      title={none ? 'There are no collections yet' : 'No collection has this name'}
      icon={none ? <Layers size={28} strokeWidth={1.5} /> : <SearchX size={28} strokeWidth={1.5} />}
      action={!none && <Button onClick={onShowAll}>Show all</Button>}
    >
      A collection keeps LoRAs that are used together, with their trigger words, weights, prompts and
      pictures, for everybody of the space.
    </Empty>
  )
}
