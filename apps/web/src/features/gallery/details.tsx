import { useMutation } from '@tanstack/react-query'
import { Copy, FileJson, RotateCcw, Star } from 'lucide-react'
import clsx from 'clsx'
import { stringifyJson } from '@easel/protocol'
import { easel } from '../../api/easel.ts'
import { copyText } from '../../lib/copy.ts'
import { bytes, duration, exactTime } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { updateAssets } from './asset-actions.ts'
import { Tags } from './tags.tsx'
import { isGiven } from '../../lib/given.ts'
import type { ReactNode } from 'react'
import type { AssetDetail, AssetView } from '@easel/client'

export function Details({ asset, detail }: { asset: AssetView; detail: AssetDetail | undefined }) {
  const { prompt, negativePrompt, seed, models, loras, sampler, scheduler, steps, cfg } = asset
  const settings: [string, ReactNode][] = [
    ['Model', models.join(', ')],
    ['LoRA', loras.join(', ')],
    ['Seed', isGiven(seed) && <CopyButton text={seed} what="Seed" />],
    ['Sampler', [sampler, scheduler].filter(Boolean).join(', ')],
    ['Steps', steps],
    ['CFG', cfg],
  ]
  const facts: [string, ReactNode][] = [
    ['Size', isGiven(asset.width) && isGiven(asset.height) && `${asset.width} × ${asset.height}`],
    ['Length', isGiven(asset.durationSeconds) && duration(asset.durationSeconds)],
    ['File', `${bytes(asset.bytes)}, ${asset.mime}`],
    ['Name', asset.filename],
    ['Made', exactTime(asset.createdAt)],
  ]
  return (
    <div className="flex flex-col gap-5 p-4 text-sm">
      <Rating asset={asset} />
      {prompt && <Text title="Prompt" text={prompt} />}
      {negativePrompt && <Text title="Negative prompt" text={negativePrompt} />}
      <List rows={settings} />
      <Tags asset={asset} />
      <Notes asset={asset} />
      <List rows={facts} />
      <div className="flex flex-wrap gap-2">
        {isGiven(asset.jobId) && <RunAgain jobId={asset.jobId} />}
        {detail?.graph && (
          <Button
            small
            icon={<FileJson size={15} aria-hidden />}
            onClick={() => saveGraph(asset.id, detail.graph!)}
          >
            Graph
          </Button>
        )}
      </div>
    </div>
  )
}

function Rating({ asset }: { asset: AssetView }) {
  return (
    <div role="radiogroup" aria-label="Rating" className="flex gap-0.5">
      {[1, 2, 3, 4, 5].map((rating) => (
        <button
          key={rating}
          type="button"
          role="radio"
          aria-checked={asset.rating === rating}
          aria-label={`${rating} of 5`}
          onClick={() => void updateAssets([asset], { rating: asset.rating === rating ? 0 : rating })}
          className={clsx(
            'rounded-control p-1 hover:bg-hover',
            asset.rating >= rating ? 'text-accent' : 'text-ink-3',
          )}
        >
          <Star size={18} fill={asset.rating >= rating ? 'currentColor' : 'none'} aria-hidden />
        </button>
      ))}
    </div>
  )
}

function Text({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <div className="flex items-center justify-between">
        <h3 className="font-medium text-ink-2">{title}</h3>
        <Button
          small
          look="quiet"
          icon={<Copy size={14} aria-hidden />}
          aria-label={`Copy the ${title.toLowerCase()}`}
          onClick={() => void copyText(text, title)}
        />
      </div>
      <p className="max-h-52 overflow-y-auto whitespace-pre-wrap" dir="auto">
        {text}
      </p>
    </section>
  )
}

function List({ rows }: { rows: readonly [string, ReactNode][] }) {
  const shown = rows.filter(
    ([, value]) => value !== undefined && value !== null && value !== false && value !== '',
  )
  if (shown.length === 0) return null
  return (
    <dl className="grid grid-cols-[5.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5">
      {shown.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-2">{name}</dt>
          <dd className="nums">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function CopyButton({ text, what }: { text: string; what: string }) {
  return (
    <button
      type="button"
      onClick={() => void copyText(text, what)}
      className="inline-flex items-center gap-1.5 rounded-control font-mono hover:text-accent"
      title={`Copy the ${what.toLowerCase()}`}
    >
      {text} <Copy size={13} aria-hidden />
    </button>
  )
}

function Notes({ asset }: { asset: AssetView }) {
  return (
    <label className="flex flex-col gap-1">
      <span className="font-medium text-ink-2">Notes</span>
      <textarea
        key={asset.id}
        defaultValue={asset.notes ?? ''}
        rows={2}
        maxLength={10_000}
        dir="auto"
        onBlur={({ target }) =>
          target.value !== (asset.notes ?? '') && void updateAssets([asset], { notes: target.value })
        }
        className="w-full rounded-control border border-line-strong/60 bg-inset p-2"
      />
    </label>
  )
}

function RunAgain({ jobId }: { jobId: string }) {
  const run = useMutation({
    mutationFn: () => easel.jobs.retry(jobId),
    onSuccess: () => tell('It runs again', { description: 'The result appears in the gallery.' }),
    onError: tellError,
  })
  return (
    <Button
      small
      icon={<RotateCcw size={15} aria-hidden />}
      disabled={run.isPending}
      onClick={() => run.mutate()}
    >
      Run again
    </Button>
  )
}

function saveGraph(id: string, graph: object): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([stringifyJson(graph)], { type: 'application/json' }))
  link.download = `${id}.json`
  link.click()
  URL.revokeObjectURL(link.href)
}
