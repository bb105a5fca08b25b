import { useNavigate } from '@tanstack/react-router'
import { Ellipsis, FileOutput, Pencil, Sparkles, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { count } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { useFamilyNames } from '../models/families.ts'
import { recipeOf } from './collection-recipe.ts'
import { changeCollection, deleteCollection } from './collections.ts'
import { FetchMissing } from './fetch-missing.tsx'
import { exportFile } from './import-file.ts'
import { NameDialog } from './name-dialog.tsx'
import { SavedText } from './saved-text.tsx'
import type { CollectionView } from '@easel/client'

type HeadProps = {
  collection: CollectionView
  mayChange: boolean
  onClose: () => void
  onMoved: (id: string) => void
}

export function CollectionHead({ collection, mayChange, onClose, onMoved }: HeadProps) {
  const { id, name, description, prompt, tags, entries } = collection
  const familyName = useFamilyNames()
  const families = [...new Set(entries.flatMap(({ family }) => family ?? []))]
  const here = entries.filter(({ state }) => state === 'installed').length
  const set = (change: { description?: string; prompt?: string; tags?: string[] }) =>
    void changeCollection(id, () => change)
  return (
    <header className="flex flex-col gap-3">
      <div className="pr-10">
        <h2 className="text-xl font-semibold" dir="auto">
          {name}
        </h2>
        <p className="nums text-ink-2">
          {count(entries.length, 'LoRA')}
          {entries.length > 0 && `, ${here === entries.length ? 'all' : here} here`}
          {families.length > 0 && ` · for ${families.map(familyName).join(', ')}`}
        </p>
      </div>
      <div className="flex flex-wrap items-start gap-2">
        <Use collection={collection} here={here} />
        <FetchMissing collection={collection} mayChange={mayChange} />
        <More collection={collection} mayChange={mayChange} onClose={onClose} onMoved={onMoved} />
      </div>
      <div className="grid gap-3 md:grid-cols-2">
        <SavedText
          label="Description"
          value={description ?? ''}
          readOnly={!mayChange}
          rows={2}
          maxLength={2_000}
          onSave={(text) => set({ description: text })}
        />
        <SavedText
          label="Prompt"
          placeholder="What prompts with these LoRAs begin with"
          value={prompt ?? ''}
          readOnly={!mayChange}
          rows={2}
          maxLength={4_000}
          onSave={(text) => set({ prompt: text })}
        />
        <SavedText
          label="Tags"
          placeholder="With commas between them"
          value={tags.join(', ')}
          readOnly={!mayChange}
          onSave={(text) => set({ tags: tagsOf(text) })}
        />
      </div>
    </header>
  )
}

function Use({ collection, here }: { collection: CollectionView; here: number }) {
  const navigate = useNavigate()
  const recipe = recipeOf(collection, collection.entries)
  return (
    <Button
      look="primary"
      icon={<Sparkles size={16} aria-hidden />}
      disabled={here === 0}
      title={here === 0 ? 'None of its LoRAs is here yet' : undefined}
      onClick={() => void navigate({ to: '/create', state: { recipe } })}
    >
      Use in Create
    </Button>
  )
}

function More({ collection, mayChange, onClose, onMoved }: HeadProps) {
  const [naming, setNaming] = useState(false)
  const { id, name } = collection
  return (
    <>
      <Menu trigger={<Button icon={<Ellipsis size={17} aria-hidden />} aria-label={`More of ${name}`} />}>
        {mayChange && (
          <MenuItem icon={<Pencil size={16} aria-hidden />} onSelect={() => setNaming(true)}>
            Rename
          </MenuItem>
        )}
        <MenuItem icon={<FileOutput size={16} aria-hidden />} onSelect={() => void exportFile(id, name)}>
          Export
        </MenuItem>
        {mayChange && (
          <>
            <MenuLine />
            <MenuItem
              icon={<Trash2 size={16} aria-hidden />}
              danger
              onSelect={() => {
                onClose()
                void deleteCollection(collection, onMoved)
              }}
            >
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
      <NameDialog
        title="Rename this collection"
        action="Rename"
        name={name}
        open={naming}
        onClose={() => setNaming(false)}
        onName={(chosen) => void changeCollection(id, () => ({ name: chosen }))}
      />
    </>
  )
}

const tagsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((tag) => tag.trim().slice(0, 50))
      .filter(Boolean),
  ),
]
