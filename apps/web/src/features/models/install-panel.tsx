import { ArrowDownToLine, CircleCheck, Lock } from 'lucide-react'
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { bytes, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { useRights } from '../../api/rights.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/field.tsx'
import { GateSteps, RefusalOf } from '../downloads/refusal.tsx'
import { downloadQuery, findFetched, useUnderWay } from '../downloads/under-way.ts'
import { noiseOf } from './companions.ts'
import { FetchState } from './fetch-state.tsx'
import { useInstall } from './install.ts'
import { allFiles, planOf } from './install-plan.ts'
import { InstalledAt } from './installed-at.tsx'
import type { DownloadView, ModelFileView, ModelView, VersionView } from '@easel/client'
import type { Fetched } from '../downloads/under-way.ts'
import type { InstallPlan } from './install-plan.ts'
import type { Go } from './models-search.ts'

type PanelProps = { model: ModelView; version: VersionView; go: Go }

/** The one thing to do with a version: choose a file of it, or all, and have it. */
export function InstallPanel({ model, version, go }: PanelProps) {
  const [chosen, setChosen] = useState<string>()
  const [alone, setAlone] = useState(false)
  const plan = planOf(model, version, { chosen, alone })
  if (!plan) return <Box>This version has no files that can be fetched.</Box>
  const { choices, file, companion } = plan
  return (
    <section aria-label="Install" className="flex flex-col gap-3 rounded-panel border bg-canvas p-3">
      {choices.length > 1 && (
        <SelectField
          label="File"
          value={file?.id ?? allFiles}
          onChange={({ target }) => setChosen(target.value)}
        >
          {choices.map((each) => (
            <option key={each.id} value={each.id}>
              {optionOf(each)}
            </option>
          ))}
          <option value={allFiles}>All {choices.length} files</option>
        </SelectField>
      )}
      <Gate model={model} version={version} />
      {companion && model.source !== 'local' && (
        <label className="flex items-start gap-2 text-sm">
          <input
            type="checkbox"
            className="mt-0.5 size-4 accent-(--accent)"
            checked={!alone}
            onChange={({ target }) => setAlone(!target.checked)}
            disabled={isGiven(companion.libraryFileId)}
          />
          <span className="min-w-0">
            With its {noiseOf(companion.name)}-noise half
            {isGiven(companion.bytes) && ` (${bytes(companion.bytes)})`}
            {isGiven(companion.libraryFileId) && ', which is here'}
          </span>
        </label>
      )}
      <Doing model={model} version={version} plan={plan} go={go} />
    </section>
  )
}

/** The button, or what became of it. */
function Doing({ model, version, plan, go }: PanelProps & { plan: InstallPlan }) {
  const rights = useRights()
  const install = useInstall()
  const created = useQuery({ ...downloadQuery(install.data?.id ?? ''), enabled: false }).data
  const underWay = useUnderWay()
  const { file, missing, wish } = plan
  const downloads = created ? [created, ...underWay] : underWay
  const fetched = file ? findFetched(downloads, file) : wholeOf(downloads, version)
  if (file ? isGiven(file.libraryFileId) : missing.length === 0) {
    return file ? (
      <InstalledAt fileId={file.libraryFileId!} go={go} />
    ) : (
      <p className="flex items-center gap-1.5 font-medium text-good">
        <CircleCheck size={16} aria-hidden /> Installed
      </p>
    )
  }
  if (fetched && fetched.file.status !== 'canceled') {
    return <FetchState fetched={fetched} onAgain={() => install.mutate(wish)} />
  }
  if (model.source === 'local') return null
  return (
    <>
      <Button
        look="primary"
        icon={<ArrowDownToLine size={16} aria-hidden />}
        disabled={install.isPending || !rights.fetch}
        onClick={() => install.mutate(wish)}
      >
        {install.isPending
          ? 'Looking it up …'
          : plan.bytes > 0
            ? `Install (${bytes(plan.bytes)})`
            : 'Install'}
      </Button>
      {!rights.fetch && <p className="text-sm text-ink-2">You may look here, and not fetch.</p>}
      {install.error && <RefusalOf error={install.error} />}
    </>
  )
}

/** A download of several files of the version, taken as one. */
function wholeOf(downloads: readonly DownloadView[], version: VersionView): Fetched | undefined {
  const download = downloads.find(
    ({ versionId, files }) => versionId === version.id && (files === null || (files?.length ?? 0) > 1),
  )
  return download && { download, file: download }
}

function Box({ children }: { children: string }) {
  return <p className="rounded-panel border bg-canvas p-3 text-ink-2">{children}</p>
}

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
