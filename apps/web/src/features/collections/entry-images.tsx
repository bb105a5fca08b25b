import { ImagePlus, X } from 'lucide-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { AssetChooser } from '../create/asset-chooser.tsx'
import { AssetPicture } from './asset-picture.tsx'
import { nameOfEntry } from './collection-recipe.ts'
import { changeEntry } from './entry-words.tsx'
import type { CollectionView } from '@easel/client'

type Entry = CollectionView['entries'][number]
const most = 12

/** Pictures of the gallery that show what a LoRA is for; those that were deleted since are marked. */
export function EntryImages({
  collection,
  entry,
  mayChange,
}: {
  collection: CollectionView
  entry: Entry
  mayChange: boolean
}) {
  const [choosing, setChoosing] = useState(false)
  const { baseImages } = entry
  const ids = baseImages.map(({ assetId }) => assetId)
  const set = (images: readonly string[]) =>
    void changeEntry(collection.id, entry.id, { baseImages: [...images] })
  if (baseImages.length === 0 && !mayChange) return null
  return (
    <ul className="mt-2 flex flex-wrap gap-2" aria-label={`Base images of ${nameOfEntry(entry)}`}>
      {ids.map((id) => (
        <li key={id} className="relative size-20 overflow-hidden rounded-control bg-inset">
          <Link to="/gallery" search={{ asset: id }} className="block size-full -outline-offset-2">
            <AssetPicture id={id} size={256} alt="Base image" />
          </Link>
          {mayChange && (
            <button
              type="button"
              aria-label="Take this picture away"
              title="Take this picture away"
              onClick={() => set(ids.filter((each) => each !== id))}
              className="absolute top-1 right-1 grid size-6 place-items-center rounded-full bg-black/65 text-white"
            >
              <X size={13} aria-hidden />
            </button>
          )}
        </li>
      ))}
      {mayChange && ids.length < most && (
        <li className={ids.length === 0 ? '' : 'flex items-center'}>
          <Button
            small
            look="quiet"
            icon={<ImagePlus size={15} aria-hidden />}
            onClick={() => setChoosing(true)}
          >
            Base image
          </Button>
        </li>
      )}
      {choosing && (
        <AssetChooser
          label={nameOfEntry(entry)}
          kind="image"
          onClose={() => setChoosing(false)}
          onChoose={(id) => {
            setChoosing(false)
            if (!ids.includes(id)) set([...ids, id])
          }}
        />
      )}
    </ul>
  )
}
