import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/page.tsx'
import { tell } from '../../ui/toasts.tsx'
import type { FormEvent } from 'react'
import type { CreateDownload } from '@easel/client'

const folders: NonNullable<CreateDownload['folder']>[] = [
  'checkpoints',
  'loras',
  'vae',
  'diffusion_models',
  'text_encoders',
  'clip_vision',
  'controlnet',
  'embeddings',
  'upscale_models',
  'other',
]

const pages = /^https?:\/\/(www\.)?(civitai\.com|huggingface\.co)\/|^(urn:air:|hf:\/\/)/
const hash = /^[0-9a-f]{10,64}$/i

/** What was pasted: a page or a name of a model, a hash, or else the address of a file, which needs a folder. */
function wishOf(text: string, folder: string): CreateDownload {
  if (hash.test(text)) return { source: 'hash', hash: text }
  if (pages.test(text)) return { source: 'reference', reference: text }
  return { source: 'url', url: text, folder: folder as NonNullable<CreateDownload['folder']> }
}

export function AddDownload() {
  const [text, setText] = useState('')
  const [folder, setFolder] = useState<string>('checkpoints')
  const trimmed = text.trim()
  const isUrl = trimmed !== '' && !pages.test(trimmed) && !hash.test(trimmed)
  const add = useMutation({
    mutationFn: () =>
      easel.downloads.create(wishOf(trimmed, folder), { idempotencyKey: crypto.randomUUID() }),
    onSuccess: () => {
      setText('')
      tell('It is being fetched')
      void queries.invalidateQueries({ queryKey: ['downloads'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Panel>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3 p-4">
        <div className="min-w-60 flex-1">
          <TextField
            label="Fetch something"
            placeholder="A page at CivitAI or Hugging Face, the address of a file, or a hash"
            value={text}
            onChange={(event) => setText(event.target.value)}
            required
            {...(add.error ? { error: wordsOf(add.error).detail } : {})}
          />
        </div>
        {isUrl && (
          <div className="w-48">
            <SelectField
              label="Into the folder"
              value={folder}
              onChange={(event) => setFolder(event.target.value)}
            >
              {folders.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </SelectField>
          </div>
        )}
        <Button type="submit" look="primary" disabled={add.isPending || trimmed === ''}>
          {add.isPending ? 'Looking it up …' : 'Fetch'}
        </Button>
      </form>
    </Panel>
  )
}
