import { useQuery } from '@tanstack/react-query'
import { FileUp, Workflow } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useRef, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { ago } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/page.tsx'
import { tellError } from '../../ui/toasts.tsx'
import { readWorkflowFile, readWorkflowText } from './read-workflow.ts'
import type { DragEvent } from 'react'
import type { Picked } from './read-workflow.ts'

/** Where a workflow comes from: a file, the clipboard, or one that is saved. */
export function Picker({ onPick }: { onPick: (picked: Picked) => void }) {
  const chooser = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [problem, setProblem] = useState<string>()
  const read = async (work: () => Promise<Picked> | Picked) => {
    try {
      setProblem(undefined)
      onPick(await work())
    } catch (error) {
      setProblem((error as Error).message)
    }
  }
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return
      const file = event.clipboardData?.files[0]
      const text = event.clipboardData?.getData('text/plain') ?? ''
      if (file) void read(() => readWorkflowFile(file))
      else if (text.trim() !== '')
        void read(() => ({ graph: readWorkflowText(text), name: 'Pasted workflow' }))
    }
    addEventListener('paste', onPaste)
    return () => removeEventListener('paste', onPaste)
  })
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file) void read(() => readWorkflowFile(file))
  }
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <div
        onDrop={onDrop}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        className={clsx(
          'flex flex-col items-center gap-3 rounded-panel border-2 border-dashed px-6 py-14 text-center',
          over ? 'border-accent bg-accent-soft' : 'border-line-strong/50',
        )}
      >
        <FileUp size={32} strokeWidth={1.5} className="text-ink-3" aria-hidden />
        <h2 className="text-lg font-medium">Drop a workflow here</h2>
        <p className="max-w-sm text-ink-2">
          A JSON that ComfyUI exported in API format, or a picture that ComfyUI made. Pasting works, too.
        </p>
        <Button look="primary" onClick={() => chooser.current?.click()}>
          Choose a file
        </Button>
        {problem !== undefined && (
          <p role="alert" className="max-w-sm text-bad">
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
            if (file) void read(() => readWorkflowFile(file))
            event.target.value = ''
          }}
        />
      </div>
      <Saved onPick={onPick} />
    </div>
  )
}

function Saved({ onPick }: { onPick: (picked: Picked) => void }) {
  const { data } = useQuery({ queryKey: ['workflows'], queryFn: () => easel.workflows.list({ limit: 50 }) })
  if (!data) return null
  const pick = async (id: string) => {
    try {
      const { graph, name } = await easel.workflows.get(id)
      if (graph) onPick({ graph, name })
    } catch (error) {
      tellError(error)
    }
  }
  return (
    <Panel title="Saved workflows">
      {data.items.length === 0 ? (
        <p className="px-4 py-6 text-ink-2">None yet. One that you run can be saved with a name.</p>
      ) : (
        <ul className="max-h-96 divide-y overflow-y-auto">
          {data.items.map(({ id, name, updatedAt }) => (
            <li key={id}>
              <button
                type="button"
                onClick={() => void pick(id)}
                className="flex w-full items-center gap-3 px-4 py-2.5 text-left -outline-offset-2 hover:bg-hover"
              >
                <Workflow size={16} className="shrink-0 text-ink-3" aria-hidden />
                <span className="min-w-0 flex-1 truncate font-medium" dir="auto">
                  {name}
                </span>
                <span className="text-sm text-ink-3">{ago(updatedAt)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
