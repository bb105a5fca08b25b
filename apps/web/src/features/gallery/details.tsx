import { bytes, duration } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Copyable, Facts, LongText } from './facts.tsx'
import { Made } from './made.tsx'
import { Notes } from './notes.tsx'
import { Rating } from './rating.tsx'
import { Reuse } from './reuse.tsx'
import { Tags } from './tags.tsx'
import type { AssetDetail, AssetView } from '@easel/client'
import type { Fact } from './facts.tsx'
import type { GallerySearch } from './gallery-search.ts'

type DetailsProps = {
  asset: AssetView
  detail: AssetDetail | undefined
  mayWrite: boolean
  onFilter: (change: Partial<GallerySearch>) => void
}

/** All that is known of an asset, and what can be done with it. */
export function Details({ asset, detail, mayWrite, onFilter }: DetailsProps) {
  const { prompt, negativePrompt, seed, models, loras, sampler, scheduler, steps, cfg } = asset
  const links = (names: readonly string[], key: 'model' | 'lora') =>
    names.length > 0 && <Names names={names} onChoose={(name) => onFilter({ [key]: name })} />
  const settings: Fact[] = [
    [models.length > 1 ? 'Models' : 'Model', links(models, 'model')],
    [loras.length > 1 ? 'LoRAs' : 'LoRA', links(loras, 'lora')],
    ['Seed', isGiven(seed) && <Copyable text={seed} what="Seed" />],
    ['Sampler', [sampler, scheduler].filter(Boolean).join(', ')],
    ['Steps', steps],
    ['CFG', cfg],
  ]
  const file: Fact[] = [
    ['Size', isGiven(asset.width) && isGiven(asset.height) && `${asset.width} × ${asset.height}`],
    ['Length', isGiven(asset.durationSeconds) && duration(asset.durationSeconds)],
    ['File', `${bytes(asset.bytes)}, ${asset.mime}`],
    ['Name', asset.filename && <span dir="auto">{asset.filename}</span>],
    ['Id', <Copyable key="id" text={asset.id} what="Id" />],
  ]
  return (
    <div className="flex flex-col gap-5 p-4 text-sm">
      <Rating asset={asset} disabled={!mayWrite} />
      <Reuse asset={asset} detail={detail} mayWrite={mayWrite} />
      {prompt && <LongText title="Prompt" text={prompt} />}
      {negativePrompt && <LongText title="Negative prompt" text={negativePrompt} />}
      <Facts rows={settings} />
      <Tags asset={asset} mayWrite={mayWrite} onChoose={(tag) => onFilter({ tag })} />
      <Notes asset={asset} mayWrite={mayWrite} />
      <Made asset={asset} onFilter={onFilter} />
      <Facts rows={file} />
      {detail?.metadata && <Metadata value={detail.metadata} />}
    </div>
  )
}

/** Each leads to what else was made with it. */
function Names({ names, onChoose }: { names: readonly string[]; onChoose: (name: string) => void }) {
  return (
    <ul className="flex flex-col gap-1">
      {names.map((name) => (
        <li key={name}>
          <button
            type="button"
            dir="auto"
            title={`Show what was made with ${name}`}
            onClick={() => onChoose(name)}
            className="rounded-control text-left break-all underline decoration-line-strong underline-offset-2 hover:text-accent"
          >
            {name}
          </button>
        </li>
      ))}
    </ul>
  )
}

const mostText = 20_000

/** Whole numbers that no JSON number holds come as `bigint`. */
const exact = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

function Metadata({ value }: { value: object }) {
  const text = JSON.stringify(value, exact, 2)
  return (
    <details>
      <summary className="font-medium text-ink-2">What else the file says</summary>
      <pre className="mt-2 max-h-80 overflow-auto rounded-control bg-inset p-2 text-xs" tabIndex={0}>
        {text.slice(0, mostText)}
        {text.length > mostText && ' …'}
      </pre>
    </details>
  )
}
