import { CircleCheck } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { SelectField } from '../../ui/field.tsx'
import type { VersionView } from '@easel/client'

const mostInSight = 6

/** The newest comes first. A few are all in sight; of many one is chosen from a list. */
export function VersionPicker({
  versions,
  chosen,
  onChoose,
}: {
  versions: readonly VersionView[]
  chosen: string | undefined
  onChoose: (id: string) => void
}) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    row.current?.querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [])
  if (versions.length < 2) return null
  if (versions.length > mostInSight) {
    return (
      <SelectField label="Version" value={chosen} onChange={({ target }) => onChoose(target.value)}>
        {versions.map((version) => (
          <option key={version.id} value={version.id}>
            {[version.name, version.baseModel, version.installed.state === 'installed' && 'installed']
              .filter(Boolean)
              .join(' · ')}
          </option>
        ))}
      </SelectField>
    )
  }
  return (
    <div ref={row} role="group" aria-label="Version" className="-m-1 flex gap-1.5 overflow-x-auto p-1">
      {versions.map(({ id, name, baseModel, installed }) => (
        <button
          key={id}
          type="button"
          aria-pressed={id === chosen}
          onClick={() => onChoose(id)}
          title={baseModel ?? undefined}
          className="inline-flex h-8 max-w-52 shrink-0 items-center gap-1.5 rounded-control border bg-panel px-2.5 text-sm hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:font-medium max-md:h-11"
        >
          {installed.state === 'installed' && (
            <CircleCheck size={13} className="shrink-0 text-good" aria-label="Installed:" />
          )}
          <span className="truncate" dir="auto">
            {name}
          </span>
        </button>
      ))}
    </div>
  )
}
