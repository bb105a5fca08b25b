import { useMutation } from '@tanstack/react-query'
import { Copy, MoreHorizontal, Package, Pause, Play, RotateCcw, X } from 'lucide-react'
import { useNavigate } from '@tanstack/react-router'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { copyText } from '../../lib/copy.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuChoices, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { isUnderWay, priorities } from './download-words.ts'
import type { DownloadView } from '@easel/client'
import type { ReactNode } from 'react'

export function DownloadActions({ download, title }: { download: DownloadView; title: string }) {
  const { id, status } = download
  const act = useMutation({
    mutationFn: (work: () => Promise<DownloadView | void>) => work(),
    onSuccess: (changed) => {
      // What is paused or goes on is told by its answer sooner than by the list.
      if (changed) queries.setQueryData(['download', id], changed)
      void queries.invalidateQueries({ queryKey: ['downloads'] })
    },
    onError: tellError,
  })
  const button = (label: string, icon: ReactNode, work: () => Promise<DownloadView | void>) => (
    <Button
      small
      look="quiet"
      icon={icon}
      aria-label={`${label} ${title}`}
      disabled={act.isPending}
      onClick={() => act.mutate(work)}
    />
  )
  return (
    <span className="flex">
      {(status === 'queued' || status === 'running') &&
        button('Pause', <Pause size={16} aria-hidden />, () => easel.downloads.pause(id))}
      {status === 'paused' &&
        button('Go on with', <Play size={16} aria-hidden />, () => easel.downloads.resume(id))}
      {status === 'failed' &&
        button('Try again:', <RotateCcw size={16} aria-hidden />, () => easel.downloads.retry(id))}
      {status !== 'completed' &&
        status !== 'canceled' &&
        button('Cancel', <X size={16} aria-hidden />, () => easel.downloads.cancel(id))}
      <More
        download={download}
        title={title}
        setPriority={(value) => act.mutate(() => easel.downloads.setPriority(id, value))}
      />
    </span>
  )
}

function More({
  download,
  title,
  setPriority,
}: {
  download: DownloadView
  title: string
  setPriority: (priority: number) => void
}) {
  const navigate = useNavigate()
  const model = modelOf(download)
  return (
    <Menu
      align="end"
      trigger={
        <Button
          small
          look="quiet"
          icon={<MoreHorizontal size={16} aria-hidden />}
          aria-label={`More for ${title}`}
        />
      }
    >
      {model !== undefined && (
        <MenuItem
          icon={<Package size={15} aria-hidden />}
          onSelect={() => void navigate({ to: '/models', search: { model } })}
        >
          Look at the model
        </MenuItem>
      )}
      <MenuItem
        icon={<Copy size={15} aria-hidden />}
        onSelect={() => void copyText(download.url, 'The address')}
      >
        Copy its address
      </MenuItem>
      {isGiven(download.sha256) && (
        <MenuItem
          icon={<Copy size={15} aria-hidden />}
          onSelect={() => void copyText(download.sha256!, 'The SHA-256')}
        >
          Copy its SHA-256
        </MenuItem>
      )}
      {isUnderWay(download) && (
        <>
          <MenuLine />
          <MenuChoices
            label="When"
            value={String(download.priority)}
            choices={priorities.map(({ value, name }) => ({ value: String(value), name }))}
            onChoose={(value) => setPriority(Number(value))}
          />
        </>
      )}
    </Menu>
  )
}

/** Numbers are CivitAI's, names with a slash are Hugging Face's. */
function modelOf({ modelId }: DownloadView): string | undefined {
  if (!isGiven(modelId)) return undefined
  if (/^\d+$/.test(modelId)) return `civitai:${modelId}`
  return modelId.includes('/') ? `huggingface:${modelId}` : undefined
}
