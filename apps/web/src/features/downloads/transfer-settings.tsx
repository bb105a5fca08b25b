import { useMutation, useQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/page.tsx'
import { Loading } from '../../ui/states.tsx'
import { tell } from '../../ui/toasts.tsx'
import { isGiven } from '../../lib/given.ts'
import type { FormEvent } from 'react'
import type { DownloadSettings, UpdateDownloadSettings } from '@easel/client'

const mega = 1_000_000
const giga = 1_000_000_000

export function TransferSettings() {
  const { data } = useQuery({ queryKey: ['download-settings'], queryFn: () => easel.downloads.settings() })
  return (
    <Panel title="Limits of all downloads">
      {data ? <Form key={JSON.stringify(data)} settings={data} /> : <Loading rows={1} className="p-4" />}
    </Panel>
  )
}

function Form({ settings }: { settings: DownloadSettings }) {
  const save = useMutation({
    mutationFn: (change: UpdateDownloadSettings) => easel.downloads.updateSettings(change),
    onSuccess: (changed) => {
      queries.setQueryData(['download-settings'], changed)
      tell('The limits are saved')
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const number = (name: string) => Number(form.get(name))
    const orNone = (name: string, unit: number) =>
      form.get(name) === '' ? null : Math.round(number(name) * unit)
    save.mutate({
      maxBytesPerSecond: orNone('speed', mega),
      maxConcurrent: number('concurrent'),
      diskBudgetBytes: orNone('budget', giga),
    })
  }
  return (
    <form onSubmit={submit} className="grid items-start gap-4 p-4 sm:grid-cols-3">
      <TextField
        label="Speed, MB/s"
        name="speed"
        type="number"
        min={0.01}
        step="any"
        defaultValue={!isGiven(settings.maxBytesPerSecond) ? '' : settings.maxBytesPerSecond / mega}
        hint="Of all together. Empty: no limit."
      />
      <TextField
        label="At once"
        name="concurrent"
        type="number"
        min={1}
        max={64}
        required
        defaultValue={settings.maxConcurrent}
        hint="Files that are fetched at a time."
      />
      <TextField
        label="Disk, GB"
        name="budget"
        type="number"
        min={0}
        step="any"
        defaultValue={!isGiven(settings.diskBudgetBytes) ? '' : settings.diskBudgetBytes / giga}
        hint="For fetched models. Empty: no limit."
      />
      <div className="flex flex-wrap items-center gap-3 sm:col-span-full">
        <Button type="submit" disabled={save.isPending}>
          Save
        </Button>
        {save.error && (
          <span role="alert" className="text-sm text-bad">
            {wordsOf(save.error).detail}
          </span>
        )}
      </div>
    </form>
  )
}
