import { useMutation } from '@tanstack/react-query'
import { FileText, FolderInput, Pin, ShieldCheck, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { control } from '../../ui/field.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { toFile } from './models-search.ts'
import type { LibraryFileView } from '@easel/client'
import type { FormEvent } from 'react'
import type { Go } from './models-search.ts'

/** For administrators: the files are the house's. */
export function LibraryFileActions({ file, go }: { file: LibraryFileView; go: Go }) {
  const [moving, setMoving] = useState(false)
  const sidecar = useMutation({
    mutationFn: () => easel.library.writeSidecars({ ids: [file.id] }),
    onSuccess: ({ items: [item] }) =>
      tell(
        item?.outcome === 'written'
          ? `Written beside ${file.name}`
          : item?.outcome === 'unchanged'
            ? 'Its sidecar says all that is known'
            : (item?.problem ?? 'Nothing was written: nothing is known of it'),
      ),
    onError: tellError,
  })
  const readOnly = isGiven(file.root) && file.root !== ''
  return (
    <section className="flex flex-col gap-2">
      <h3 className="font-medium">What can be done</h3>
      <div className="flex flex-wrap gap-2">
        <Button
          small
          icon={<FileText size={14} aria-hidden />}
          disabled={sidecar.isPending}
          onClick={() => sidecar.mutate()}
        >
          Write a sidecar
        </Button>
        {!readOnly && (
          <Button
            small
            icon={<FolderInput size={14} aria-hidden />}
            aria-expanded={moving}
            onClick={() => setMoving(!moving)}
          >
            Move or rename
          </Button>
        )}
        {isGiven(file.sha256) && <HubActions file={file} sha256={file.sha256} />}
      </div>
      {moving && <Move file={file} go={go} />}
      {readOnly && <p className="text-sm text-ink-2">It lies in a folder that Easel only reads.</p>}
    </section>
  )
}

function HubActions({ file, sha256 }: { file: LibraryFileView; sha256: string }) {
  const [sure, setSure] = useState(false)
  const act = useMutation({
    mutationFn: ({ work }: { work: () => Promise<unknown>; done: string }) => work(),
    onSuccess: (_, { done }) => {
      tell(done)
      void queries.invalidateQueries({ queryKey: ['hub'] })
      void queries.invalidateQueries({ queryKey: ['library'] })
    },
    onError: tellError,
  })
  return (
    <>
      <Button
        small
        icon={<ShieldCheck size={14} aria-hidden />}
        disabled={act.isPending}
        onClick={() =>
          act.mutate({
            work: () => easel.hub.verify({ sha256: [sha256] }),
            done: 'Its content is being checked; what is wrong shows under Storage',
          })
        }
      >
        Check its content
      </Button>
      <Button
        small
        icon={<Pin size={14} aria-hidden />}
        disabled={act.isPending}
        onClick={() =>
          act.mutate({ work: () => easel.hub.pin(sha256), done: 'It stays, whatever the budget says' })
        }
      >
        Keep it always
      </Button>
      <Button
        small
        look="danger"
        icon={<Trash2 size={14} aria-hidden />}
        disabled={act.isPending}
        onBlur={() => setSure(false)}
        onClick={() =>
          sure
            ? act.mutate({
                work: () => easel.hub.evict(sha256),
                done: `${file.name} is removed; it can be fetched again`,
              })
            : setSure(true)
        }
      >
        {sure ? 'Really remove it' : 'Remove'}
      </Button>
    </>
  )
}

function Move({ file, go }: { file: LibraryFileView; go: Go }) {
  const [path, setPath] = useState(file.path)
  const move = useMutation({
    mutationFn: (to: string | undefined) => easel.library.move(file.id, to === undefined ? {} : { path: to }),
    onSuccess: (moved) => {
      tell(`It is now ${moved.path}`)
      void queries.invalidateQueries({ queryKey: ['library'] })
      go(toFile(moved.id))
    },
    onError: tellError,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    move.mutate(path.trim())
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2">
      <input
        aria-label="New path below the models folder"
        value={path}
        required
        maxLength={1_000}
        spellCheck={false}
        onChange={({ target }) => setPath(target.value)}
        className={`${control} min-w-[min(13rem,100%)] flex-1`}
      />
      <Button type="submit" disabled={move.isPending || path.trim() === file.path}>
        Move
      </Button>
      <Button look="quiet" disabled={move.isPending} onClick={() => move.mutate(undefined)}>
        To where it belongs
      </Button>
    </form>
  )
}
