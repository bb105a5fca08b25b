import { Download, Heart, Info, Trash2, X } from 'lucide-react'
import clsx from 'clsx'
import { Button } from '../../ui/button.tsx'
import type { ReactNode } from 'react'
import type { AssetView } from '@easel/client'

type LightBoxToolsProps = {
  asset: AssetView | undefined
  keys: Record<string, () => unknown>
  withDetails: boolean
  onClose: () => void
}

export function LightBoxTools({ asset, keys, withDetails, onClose }: LightBoxToolsProps) {
  const { f: favor, d: save, i: details, delete: remove } = keys
  return (
    <div className="absolute top-2 right-2 flex gap-0.5 rounded-panel border bg-panel/90 p-1">
      {asset && (
        <>
          {favor && (
            <Tool
              label={asset.favorite ? 'No favourite any more (F)' : 'Favourite (F)'}
              icon={<Heart size={17} fill={asset.favorite ? 'currentColor' : 'none'} aria-hidden />}
              act={favor}
              pressed={asset.favorite}
            />
          )}
          <Tool label="Download (D)" icon={<Download size={17} aria-hidden />} act={save!} />
          {remove && <Tool label="Delete (Del)" icon={<Trash2 size={17} aria-hidden />} act={remove} />}
          <Tool
            label="Details (I)"
            icon={<Info size={17} aria-hidden />}
            act={details!}
            pressed={withDetails}
          />
        </>
      )}
      <Tool label="Close (Esc)" icon={<X size={17} aria-hidden />} act={onClose} />
    </div>
  )
}

type ToolProps = { label: string; icon: ReactNode; act: () => unknown; pressed?: boolean }

function Tool({ label, icon, act, pressed }: ToolProps) {
  return (
    <Button
      small
      look="quiet"
      icon={icon}
      aria-label={label}
      aria-pressed={pressed}
      onClick={() => void act()}
      className={clsx(pressed && 'text-accent!')}
    />
  )
}
