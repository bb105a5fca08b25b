import { Layers, Plus } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { useRights } from '../../api/rights.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { createCollection, showCollection, useCollections } from './collections.ts'
import { NameDialog } from './name-dialog.tsx'
import type { CollectionSummary, LoraView, ModelView, VersionView } from '@easel/client'

type Reference = LoraView['lora']

/** Puts a LoRA that is looked at into one of the collections; nothing for what is no LoRA. */
export function AddToCollection({ model, version }: { model: ModelView; version: VersionView }) {
  const [naming, setNaming] = useState(false)
  const { fetch: mayChange } = useRights()
  const lora = referenceOf(model, version)
  if (!lora || !mayChange) return null
  return (
    <>
      <Menu
        trigger={
          <Button small className="self-start" icon={<Layers size={15} aria-hidden />}>
            Add to a collection
          </Button>
        }
      >
        <Choices lora={lora} />
        <MenuItem icon={<Plus size={16} aria-hidden />} onSelect={() => setNaming(true)}>
          New collection
        </MenuItem>
      </Menu>
      <NameDialog
        title={`A new collection with ${model.name}`}
        action="Create"
        open={naming}
        onClose={() => setNaming(false)}
        onName={(name) =>
          void createCollection({ name, entries: [{ lora }] }).then(
            (made) => made && tell(`“${made.name}” has ${model.name} now`),
          )
        }
      />
    </>
  )
}

function Choices({ lora }: { lora: Reference }) {
  const { data } = useCollections(undefined)
  if (!data || data.items.length === 0) return null
  return (
    <>
      {data.items.map((collection) => (
        <MenuItem key={collection.id} onSelect={() => void addTo(collection, lora)}>
          <span className="block truncate" dir="auto">
            {collection.name}
          </span>
        </MenuItem>
      ))}
      <MenuLine />
    </>
  )
}

async function addTo({ id, name, entryCount }: CollectionSummary, lora: Reference): Promise<void> {
  try {
    const view = await easel.collections.add(id, [{ lora }])
    showCollection(view)
    tell(view.entryCount === entryCount ? `It is in “${name}” already` : `It is in “${name}” now`)
  } catch (error) {
    tellError(error)
  }
}

function referenceOf({ source, id, type }: ModelView, version: VersionView): Reference | undefined {
  if (type !== 'lora' && type !== 'locon' && type !== 'dora') return undefined
  if (source === 'civitai') return { source, modelId: id, versionId: version.id }
  if (source === 'local') return { source: 'library', libraryFileId: id }
  const path = (version.files.find(({ primary }) => primary) ?? version.files[0])?.id
  return path === undefined ? undefined : { source, repo: id, revision: version.id, path }
}
