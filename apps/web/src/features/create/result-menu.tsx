import {
  EllipsisVertical,
  Images,
  ListOrdered,
  RotateCcw,
  SlidersHorizontal,
  SquareArrowOutUpRight,
  Workflow,
} from 'lucide-react'
import { useNavigate } from '@tanstack/react-router'
import clsx from 'clsx'
import { isEnded } from '@easel/client'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { nameOf } from '../queue/job-words.ts'
import { useRetry } from '../queue/jobs.ts'
import { shownOutputs } from './outputs.tsx'
import type { JobView } from '@easel/client'
import type { ResultDeeds } from './result-deeds.ts'

type ResultMenuProps = { job: JobView; deeds: ResultDeeds; className?: string }

export function ResultMenu({ job, deeds, className }: ResultMenuProps) {
  const navigate = useNavigate()
  const retry = useRetry(job)
  const asset = shownOutputs(job).find(({ kind, temporary }) => !temporary && kind !== 'text')
  return (
    <Menu
      align="end"
      trigger={
        <Button
          small
          look="quiet"
          className={clsx('shrink-0', className)}
          icon={<EllipsisVertical size={16} aria-hidden />}
          aria-label={`More of ${nameOf(job)}`}
        />
      }
    >
      <MenuItem icon={<SlidersHorizontal size={16} aria-hidden />} onSelect={() => deeds.useSettings(job)}>
        Same settings again
      </MenuItem>
      {asset && (
        <>
          <MenuItem
            icon={<SquareArrowOutUpRight size={16} aria-hidden />}
            onSelect={() => deeds.useAsInput(asset.assetId)}
          >
            Use as input
          </MenuItem>
          <MenuItem
            icon={<Images size={16} aria-hidden />}
            onSelect={() => void navigate({ to: '/gallery', search: { asset: asset.assetId } })}
          >
            Open in the gallery
          </MenuItem>
        </>
      )}
      {isEnded(job) && (
        <MenuItem icon={<RotateCcw size={16} aria-hidden />} onSelect={() => retry.mutate()}>
          Run again
        </MenuItem>
      )}
      <MenuItem
        icon={<Workflow size={16} aria-hidden />}
        onSelect={() => void navigate({ to: '/create', search: { job: job.id } })}
      >
        Open in a new session
      </MenuItem>
      <MenuItem
        icon={<ListOrdered size={16} aria-hidden />}
        onSelect={() => void navigate({ to: '/queue', search: { job: job.id } })}
      >
        Show in the queue
      </MenuItem>
    </Menu>
  )
}
