import { useMutation, useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tell } from '../../ui/toasts.tsx'
import { BandwidthHoursRow } from './bandwidth-hours.tsx'
import { useHashScroll } from './use-hash-scroll.ts'
import type { FormEvent } from 'react'
import type { BandwidthHours, DownloadSettings, UpdateDownloadSettings } from '@easel/client'

const mega = 1_000_000
const giga = 1_000_000_000
const mostHours = 20

export function TransferSettings() {
  const { data, error, refetch } = useQuery({
    queryKey: ['download-settings'],
    queryFn: () => easel.downloads.settings(),
  })
  const box = useHashScroll('limits', data !== undefined)
  return (
    <div ref={box} id="limits" className="scroll-mt-4">
      <Panel title="Limits of all downloads">
        {data && <Form key={JSON.stringify(data)} settings={data} />}
        {error && !data && <Failure error={error} retry={() => void refetch()} />}
        {!data && !error && <Loading rows={1} className="p-4" />}
      </Panel>
    </div>
  )
}

function Form({ settings }: { settings: DownloadSettings }) {
  const [schedule, setSchedule] = useState<readonly BandwidthHours[]>(settings.schedule ?? [])
  const save = useMutation({
    mutationFn: (change: UpdateDownloadSettings) => easel.downloads.updateSettings(change),
    onSuccess: (changed) => {
      queries.setQueryData(['download-settings'], changed)
      tell('The limits are saved')
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    save.mutate({ ...readForm(new FormData(event.currentTarget)), schedule: [...schedule] })
  }
  const cap = settings.maxBytesPerSecond
  const budget = settings.diskBudgetBytes
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-4">
      <div className="grid items-start gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <TextField
          label="Speed, MB/s"
          name="speed"
          type="number"
          min={0.01}
          step="any"
          defaultValue={isGiven(cap) ? cap / mega : ''}
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
          label="Connections"
          name="connections"
          type="number"
          min={1}
          max={64}
          defaultValue={settings.maxConnectionsPerHost ?? ''}
          hint="To one server, over all files."
        />
        <TextField
          label="Disk, GB"
          name="budget"
          type="number"
          min={0}
          step="any"
          defaultValue={isGiven(budget) ? budget / giga : ''}
          hint="For fetched models. Empty: no limit."
        />
      </div>
      <Schedule schedule={schedule} setSchedule={setSchedule} timeZone={settings.timeZone} />
      <div className="flex flex-wrap items-center gap-3">
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

function readForm(form: FormData): UpdateDownloadSettings {
  const number = (name: string, unit = 1) =>
    form.get(name) === '' || form.get(name) === null ? undefined : Math.round(Number(form.get(name)) * unit)
  const concurrent = number('concurrent')
  const connections = number('connections')
  const zone = form.get('timeZone')
  return {
    maxBytesPerSecond: number('speed', mega) ?? null,
    diskBudgetBytes: number('budget', giga) ?? null,
    ...(concurrent !== undefined && { maxConcurrent: concurrent }),
    ...(connections !== undefined && { maxConnectionsPerHost: connections }),
    ...(typeof zone === 'string' && { timeZone: zone.trim() === '' ? null : zone.trim() }),
  }
}

function Schedule({
  schedule,
  setSchedule,
  timeZone,
}: {
  schedule: readonly BandwidthHours[]
  setSchedule: (schedule: readonly BandwidthHours[]) => void
  timeZone: string | null | undefined
}) {
  const addHours = () =>
    setSchedule([
      ...schedule,
      { days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00', maxBytesPerSecond: null },
    ])
  return (
    <fieldset className="flex flex-col gap-3 border-t pt-4">
      <legend className="float-left w-full font-medium">Other speeds at certain hours</legend>
      {schedule.length === 0 && (
        <p className="clear-both text-sm text-ink-2">
          The speed above holds all day. With hours of their own, downloads can be slow while people work and
          fast at night.
        </p>
      )}
      {schedule.map((hours, index) => (
        <BandwidthHoursRow
          key={index}
          hours={hours}
          onChange={(changed) => setSchedule(schedule.map((each, at) => (at === index ? changed : each)))}
          onRemove={() => setSchedule(schedule.filter((_, at) => at !== index))}
        />
      ))}
      {schedule.length > 0 && (
        <div className="w-56 max-w-full">
          <TextField
            label="Time zone"
            name="timeZone"
            placeholder="The server’s own"
            defaultValue={timeZone ?? ''}
            maxLength={64}
            list="time-zones"
          />
          <datalist id="time-zones">
            {Intl.supportedValuesOf('timeZone').map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </div>
      )}
      <Button
        small
        className="self-start"
        icon={<Plus size={15} aria-hidden />}
        disabled={schedule.length >= mostHours}
        onClick={addHours}
      >
        Add hours
      </Button>
    </fieldset>
  )
}
