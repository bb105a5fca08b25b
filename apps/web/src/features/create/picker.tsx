import { FileUp } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { checkFile, checkWorkflow } from './check-workflow.ts'
import { readWorkflowText } from './read-workflow.ts'
import { RecentWorkflows } from './recent-workflows.tsx'
import { SavedWorkflows } from './saved-workflows.tsx'
import { sentenceOf } from './say.ts'
import type { DragEvent } from 'react'
import type { Picked } from './read-workflow.ts'

type PickerProps = {
  onPick: (picked: Picked) => void
  /** Id of the session that is open: it is no recent one. */
  except: string
  narrow?: boolean
}

/** Where a workflow comes from: a file, the clipboard, one that was open lately, one that is saved. */
export function Picker({ onPick, except, narrow = false }: PickerProps) {
  const chooser = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const { read, busy, problem } = useReading(onPick)
  usePaste(read)
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    event.stopPropagation()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file) void read(() => checkFile(file))
  }
  return (
    <div className={clsx('grid items-start gap-4', !narrow && 'lg:grid-cols-2')}>
      <div
        onDrop={onDrop}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        className={clsx(
          'flex flex-col items-center gap-3 rounded-panel border-2 border-dashed px-6 text-center transition-colors',
          narrow ? 'py-6' : 'py-14',
          over ? 'border-accent bg-accent-soft' : 'border-line-strong/50',
        )}
      >
        <FileUp size={32} strokeWidth={1.5} className="text-ink-3" aria-hidden />
        <h2 className="text-lg font-medium">Drop a workflow here</h2>
        <p className="max-w-sm text-ink-2">
          A JSON that ComfyUI exported in API format, or a picture that ComfyUI made. Pasting works, too.
        </p>
        <Button look={narrow ? 'plain' : 'primary'} disabled={busy} onClick={() => chooser.current?.click()}>
          {busy ? 'Reading …' : 'Choose a file'}
        </Button>
        {problem !== undefined && (
          <p role="alert" className="max-w-md text-bad">
            {problem}
          </p>
        )}
        <input
          ref={chooser}
          type="file"
          accept=".json,.png,application/json,image/png"
          aria-label="Workflow file"
          className="hidden"
          onChange={(event) => {
            const file = event.target.files?.[0]
            if (file) void read(() => checkFile(file))
            event.target.value = ''
          }}
        />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <RecentWorkflows except={except} onPick={(work) => void read(work)} />
        <SavedWorkflows onPick={(work) => void read(work)} />
      </div>
    </div>
  )
}

export type Read = (work: () => Promise<Picked>) => Promise<void>

function useReading(onPick: (picked: Picked) => void) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const read: Read = async (work) => {
    setBusy(true)
    setProblem(undefined)
    try {
      onPick(await work())
    } catch (error) {
      setProblem(sentenceOf(error))
    } finally {
      setBusy(false)
    }
  }
  return { read, busy, problem }
}

function usePaste(read: Read): void {
  const latest = useRef(read)
  useEffect(() => {
    latest.current = read
  })
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return
      const file = event.clipboardData?.files[0]
      const text = event.clipboardData?.getData('text/plain') ?? ''
      if (file) void latest.current(() => checkFile(file))
      else if (text.trim() !== '')
        void latest.current(async () =>
          checkWorkflow({ graph: readWorkflowText(text), name: 'Pasted workflow' }),
        )
    }
    addEventListener('paste', onPaste)
    return () => removeEventListener('paste', onPaste)
  }, [])
}
