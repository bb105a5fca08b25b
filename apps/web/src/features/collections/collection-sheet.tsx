import { useQuery } from '@tanstack/react-query'
import { Layers, Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { AddLoras } from './add-loras.tsx'
import { CollectionHead } from './collection-head.tsx'
import { collectionQuery } from './collections.ts'
import { EntryCard } from './entry-card.tsx'
import type { CollectionView } from '@easel/client'

type SheetProps = {
  id: string
  mayChange: boolean
  onClose: () => void
  /** Something else is to be looked at: what was deleted is back. */
  onMoved: (id: string) => void
}

export function CollectionSheet({ id, mayChange, onClose, onMoved }: SheetProps) {
  const { data, error, refetch } = useQuery({ ...collectionQuery(id), staleTime: 0 })
  return (
    <Sheet name={data?.name ?? 'Collection'} wide onClose={onClose}>
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={5} className="p-6 pt-16" />}
      {data && (
        <div className="flex flex-col gap-5 p-4 md:p-6">
          <CollectionHead collection={data} mayChange={mayChange} onClose={onClose} onMoved={onMoved} />
          <Entries collection={data} mayChange={mayChange} />
        </div>
      )}
    </Sheet>
  )
}

function Entries({ collection, mayChange }: { collection: CollectionView; mayChange: boolean }) {
  const [adding, setAdding] = useState(false)
  const { entries } = collection
  return (
    <section className="flex flex-col gap-3" aria-label="LoRAs of this collection">
      <div className="flex min-h-9 items-center justify-between gap-3">
        <h3 className="text-lg font-medium">LoRAs</h3>
        {mayChange && entries.length > 0 && (
          <Button small icon={<Plus size={15} aria-hidden />} onClick={() => setAdding(true)}>
            Add LoRAs
          </Button>
        )}
      </div>
      {entries.length === 0 && (
        <Empty
          title="It is empty"
          icon={<Layers size={28} strokeWidth={1.5} />}
          action={mayChange && <Button onClick={() => setAdding(true)}>Add LoRAs</Button>}
        >
          LoRAs of the library, of bundles and of the catalogue can be put into it.
        </Empty>
      )}
      <ol className="flex flex-col gap-3">
        {entries.map((entry, index) => (
          <li key={entry.id}>
            <EntryCard collection={collection} entry={entry} index={index} mayChange={mayChange} />
          </li>
        ))}
      </ol>
      {adding && <AddLoras collection={collection} onClose={() => setAdding(false)} />}
    </section>
  )
}
