import { updateAssets } from './asset-actions.ts'
import type { AssetView } from '@easel/client'

/** Kept when the writer goes elsewhere. */
export function Notes({ asset, mayWrite }: { asset: AssetView; mayWrite: boolean }) {
  const keep = (notes: string) => {
    if (notes.trim() !== (asset.notes ?? '')) void updateAssets([asset], { notes })
  }
  return (
    <label className="flex flex-col gap-1">
      <span className="font-medium text-ink-2">Notes</span>
      <textarea
        defaultValue={asset.notes ?? ''}
        rows={2}
        maxLength={10_000}
        dir="auto"
        readOnly={!mayWrite}
        onBlur={({ target }) => keep(target.value)}
        className="field-sizing-content max-h-60 w-full rounded-control border border-line-strong/60 bg-inset p-2"
      />
    </label>
  )
}
