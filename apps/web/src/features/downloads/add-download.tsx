import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import { modelFolders } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/page.tsx'
import { tell } from '../../ui/toasts.tsx'
import { recognise, wishOf } from './recognise.ts'
import { RefusalOf } from './refusal.tsx'
import type { CreateDownload } from '@easel/client'
import type { FormEvent, ReactNode } from 'react'

type Folder = NonNullable<CreateDownload['folder']>

/** By whatever somebody has of it: it is told what it was taken for before it is fetched. */
export function AddDownload() {
  const [text, setText] = useState('')
  const [folder, setFolder] = useState<Folder>('checkpoints')
  const [filename, setFilename] = useState('')
  const found = recognise(text)
  const add = useMutation({
    mutationFn: () =>
      easel.downloads.create(
        { ...wishOf(text, folder), ...(found?.kind === 'url' && filename !== '' && { filename }) },
        { idempotencyKey: crypto.randomUUID() },
      ),
    onSuccess: (download) => {
      setText('')
      setFilename('')
      tell(download.status === 'completed' ? 'It was here already' : 'It is being fetched')
      void queries.invalidateQueries({ queryKey: ['downloads'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (found) add.mutate()
  }
  return (
    <Panel>
      <form onSubmit={submit} className="flex flex-col gap-3 p-4">
        <div className="flex flex-wrap items-end gap-3">
          <div className="min-w-0 flex-1 basis-64">
            <TextField
              label="Fetch something"
              placeholder="Address of a page or file, owner/name, or a hash"
              value={text}
              onChange={({ target }) => {
                setText(target.value)
                add.reset()
              }}
              spellCheck={false}
              autoComplete="off"
              required
            />
          </div>
          <Button type="submit" look="primary" disabled={add.isPending || !found}>
            {add.isPending ? 'Looking it up …' : 'Fetch'}
          </Button>
        </div>
        <p role="status" className="flex min-h-5 flex-wrap items-center gap-x-2 text-sm text-ink-2">
          <Told text={text} />
        </p>
        {found?.kind === 'url' && (
          <div className="flex flex-wrap gap-3">
            <div className="w-56 max-w-full">
              <SelectField
                label="Into the folder"
                value={folder}
                onChange={({ target }) => setFolder(target.value as Folder)}
              >
                {modelFolders.map((each) => (
                  <option key={each} value={each}>
                    {each}
                  </option>
                ))}
              </SelectField>
            </div>
            <div className="min-w-0 flex-1 basis-56">
              <TextField
                label="Under the name"
                placeholder="As the server calls it"
                value={filename}
                maxLength={200}
                onChange={({ target }) => setFilename(target.value)}
              />
            </div>
          </div>
        )}
        {add.error && <RefusalOf error={add.error} />}
      </form>
    </Panel>
  )
}

function Told({ text }: { text: string }): ReactNode {
  const found = recognise(text)
  if (text.trim() === '') return 'It is looked up first: what is here already is not fetched again.'
  if (!found) return 'This is no address, no owner/name and no hash. To search by words, go to Models.'
  const whole = found.kind === 'huggingface' && /repository/.test(found.words)
  return (
    <>
      <CircleCheck size={14} className="text-good" aria-hidden />
      {found.words}.{whole && ' All of its model files are fetched.'}
      {found.model !== undefined && (
        <Link to="/models" search={{ model: found.model }} className="text-accent underline">
          Look at it first
        </Link>
      )}
    </>
  )
}
