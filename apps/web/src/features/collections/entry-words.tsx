import { useEffect, useState } from 'react'
import { control } from '../../ui/field.tsx'
import { changeCollection } from './collections.ts'
import { SavedText } from './saved-text.tsx'
import type { CollectionView, UpdateCollection } from '@easel/client'

type Entry = CollectionView['entries'][number]
type Words = Omit<NonNullable<UpdateCollection['entries']>[number], 'id' | 'lora' | 'reference'>
type WordsProps = { collection: CollectionView; entry: Entry; mayChange: boolean }

/** What people say of a LoRA; each field is saved by itself, and leaves the others as they are. */
export function EntryWords({ collection, entry, mayChange }: WordsProps) {
  const set = (words: Words) => void changeEntry(collection.id, entry.id, words)
  const { name, title, trigger, triggerWords, prompt, notes } = entry
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-[minmax(0,1fr)_6rem] gap-3">
        <SavedText
          label="Trigger"
          value={trigger ?? ''}
          placeholder={triggerWords.join(', ') || 'None is known'}
          readOnly={!mayChange}
          maxLength={500}
          onSave={(text) => set({ trigger: text })}
        />
        <Weight weight={entry.weight} readOnly={!mayChange} onSave={(weight) => set({ weight })} />
      </div>
      <details open={Boolean(name) || Boolean(prompt) || Boolean(notes)}>
        <summary className="text-sm text-ink-2 max-md:py-2">Name, prompt and notes</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-2">
          <div className="sm:col-span-2">
            <SavedText
              label="Name"
              value={name ?? ''}
              placeholder={title}
              readOnly={!mayChange}
              maxLength={200}
              onSave={(text) => set({ name: text })}
            />
          </div>
          <SavedText
            label="Prompt"
            value={prompt ?? ''}
            readOnly={!mayChange}
            rows={2}
            maxLength={4_000}
            onSave={(text) => set({ prompt: text })}
          />
          <SavedText
            label="Notes"
            value={notes ?? ''}
            readOnly={!mayChange}
            rows={2}
            maxLength={4_000}
            onSave={(text) => set({ notes: text })}
          />
        </div>
      </details>
    </div>
  )
}

export function changeEntry(collectionId: string, entryId: string, words: Words): Promise<boolean> {
  return changeCollection(collectionId, ({ entries }) => ({
    entries: entries.map(({ id }) => (id === entryId ? { id, ...words } : { id })),
  }))
}

function Weight({
  weight,
  readOnly,
  onSave,
}: {
  weight: number
  readOnly: boolean
  onSave: (weight: number) => void
}) {
  const [written, setWritten] = useState(String(weight))
  useEffect(() => setWritten(String(weight)), [weight])
  const leave = () => {
    const value = Number(written.replace(',', '.'))
    const isRight = written.trim() !== '' && Number.isFinite(value) && Math.abs(value) <= 10
    if (!isRight) setWritten(String(weight))
    else if (value !== weight) onSave(value)
  }
  return (
    <label className="flex flex-col gap-1 text-sm font-medium">
      Weight
      <input
        type="number"
        inputMode="decimal"
        min={-10}
        max={10}
        step={0.05}
        value={written}
        readOnly={readOnly}
        className={`${control} nums text-base font-normal`}
        onChange={({ target }) => setWritten(target.value)}
        onBlur={leave}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  )
}
