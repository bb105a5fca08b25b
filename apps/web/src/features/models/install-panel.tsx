import { ArrowDownToLine, Lock } from 'lucide-react'
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { bytes, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { useRights } from '../../api/rights.ts'
import { Button } from '../../ui/button.tsx'
import { control } from '../../ui/field.tsx'
import { GateSteps, RefusalOf } from '../downloads/refusal.tsx'
import { downloadQuery, findFetched, useUnderWay } from '../downloads/under-way.ts'
import { companionOf, noiseOf } from './companions.ts'
import { FetchState } from './fetch-state.tsx'
import { useInstall, wishFor } from './install.ts'
import { InstalledAt } from './installed-at.tsx'
import type { CreateDownload, ModelFileView, ModelView, VersionView } from '@easel/client'
import type { Go } from './models-search.ts'

type PanelProps = { model: ModelView; version: VersionView; go: Go }

/** The one thing to do with a version: choose a file of it, and have it. */
export function InstallPanel({ model, version, go }: PanelProps) {
  const rights = useRights()
  const [chosenId, setChosen] = useState<string>()
  const [alone, setAlone] = useState(false)
  const install = useInstall()
  const created = useQuery({ ...downloadQuery(install.data?.id ?? ''), enabled: false }).data
  const underWay = useUnderWay()
  const files = modelFiles(version.files)
  const file = files.find(({ id }) => id === chosenId) ?? usual(files)
  if (!file) {
    return <Box>This version has no files that can be fetched.</Box>
  }
  const companion = companionOf(file, version, model.versions)
  const together = companion && !alone && !isGiven(companion.file.libraryFileId) ? companion : undefined
  const fetched = findFetched(created ? [created, ...underWay] : underWay, file)
  const wish: CreateDownload = together
    ? {
        source: 'files',
        files: [wishFor(model, version, file), wishFor(model, together.version, together.file)],
      }
    : wishFor(model, version, file)
  const size = (file.bytes ?? 0) + (together?.file.bytes ?? 0)
  return (
    <section aria-label="Install" className="flex flex-col gap-3 rounded-panel border bg-canvas p-3">
      {files.length > 1 && (
        <label className="flex flex-col gap-1">
          <span className="text-sm font-medium">File</span>
          <select value={file.id} onChange={({ target }) => setChosen(target.value)} className={control}>
            {files.map((each) => (
              <option key={each.id} value={each.id}>
                {optionOf(each)}
              </option>
            ))}
          </select>
        </label>
      )}
      <Gate model={model} version={version} />
      {companion && model.source !== 'local' && (
        <label className="flex items-start gap-2 text-sm">
          <input
            type="checkbox"
            className="mt-0.5 size-4 accent-(--accent)"
            checked={!alone}
            onChange={({ target }) => setAlone(!target.checked)}
            disabled={isGiven(companion.file.libraryFileId)}
          />
          <span className="min-w-0">
            With its {noiseOf(companion.file.name)}-noise half
            {isGiven(companion.file.bytes) && ` (${bytes(companion.file.bytes)})`}
            {isGiven(companion.file.libraryFileId) && ', which is here'}
          </span>
        </label>
      )}
      {isGiven(file.libraryFileId) ? (
        <InstalledAt fileId={file.libraryFileId} go={go} />
      ) : fetched && fetched.file.status !== 'canceled' ? (
        <FetchState fetched={fetched} onAgain={() => install.mutate(wish)} />
      ) : model.source === 'local' ? null : (
        <>
          <Button
            look="primary"
            icon={<ArrowDownToLine size={16} aria-hidden />}
            disabled={install.isPending || !rights.fetch}
            onClick={() => install.mutate(wish)}
          >
            {install.isPending ? 'Looking it up …' : size > 0 ? `Install (${bytes(size)})` : 'Install'}
          </Button>
          {!rights.fetch && <p className="text-sm text-ink-2">You may look here, and not fetch.</p>}
        </>
      )}
      {install.error && <RefusalOf error={install.error} />}
    </section>
  )
}

function Box({ children }: { children: string }) {
  return <p className="rounded-panel border bg-canvas p-3 text-ink-2">{children}</p>
}

/** Without what only describes them: a read-me, settings. */
function modelFiles(files: readonly ModelFileView[]): readonly ModelFileView[] {
  const weights = files.filter(({ format, primary }) => format !== 'other' || primary)
  return weights.length > 0 ? weights : files
}

const usual = (files: readonly ModelFileView[]) => files.find(({ primary }) => primary) ?? files[0]

/** `fp16 · safetensors · 2.1 GB`, and its name where that says no more than others. */
function optionOf({ name, precision, format, bytes: size, role, libraryFileId }: ModelFileView): string {
  const facts = [
    precision,
    format,
    isGiven(size) && bytes(size),
    role && !/^(model|weights)$/i.test(role) && role,
    isGiven(libraryFileId) && 'installed',
  ]
  return [name.split('/').at(-1), ...facts].filter(Boolean).join(' · ')
}

function Gate({ model, version }: Pick<PanelProps, 'model' | 'version'>) {
  const gate = version.gate === 'open' ? model.gate : version.gate
  if (gate === 'open' || model.source === 'local') return null
  if (gate === 'early-access') {
    const until = version.earlyAccessUntil
    return (
      <div className="flex gap-2 text-sm">
        <Lock size={15} className="mt-0.5 shrink-0 text-warn" aria-hidden />
        <p className="text-ink-2">
          In early access{isGiven(until) && ` until ${exactTime(until)}`}: until then only for those who paid
          for it on its page.
        </p>
      </div>
    )
  }
  return (
    <div className="flex gap-2 rounded-control border border-warn/50 px-3 py-2 text-sm">
      <Lock size={15} className="mt-0.5 shrink-0 text-warn" aria-hidden />
      <div className="min-w-0">
        <GateSteps page={model.approvalUrl ?? model.url ?? undefined} />
      </div>
    </div>
  )
}
