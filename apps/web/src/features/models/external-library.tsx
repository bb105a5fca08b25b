import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { wordsOf } from '../../api/words.ts'
import { bytes } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Panel } from '../../ui/page.tsx'
import type { ExternalFile } from '@easel/client'
import type { FormEvent } from 'react'

const waysFound: Record<ExternalFile['foundBy'], string> = {
  sha256: 'by its hash: it is the same',
  url: 'by where it came from: it may be another version',
  name: 'by its name: look whether it is the same',
}

/** InvokeAI's models on the server's machine: they are linked instead of fetched. Shown where there are some. */
export function ExternalLibrary() {
  const { data: stats } = useQuery({ queryKey: ['library', 'stats'], queryFn: () => easel.library.stats() })
  const [sought, setSought] = useState('')
  const find = useMutation({
    mutationFn: (text: string) => {
      if (/^[0-9a-f]{64}$/i.test(text)) return easel.library.findExternal({ sha256: text })
      return easel.library.findExternal(/^https?:/.test(text) ? { url: text } : { name: text })
    },
  })
  const external = stats?.external
  if (!external) return null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    find.mutate(sought.trim())
  }
  return (
    <Panel title="InvokeAI">
      <div className="flex flex-col gap-3 p-4">
        <p className="max-w-[70ch] text-ink-2">
          <span className="nums text-ink">{external.models.toLocaleString('en')}</span> models of InvokeAI lie
          on this machine, <span className="nums">{external.hashed.toLocaleString('en')}</span> with a known
          hash
          {external.skipped > 0 && (
            <>
              ; <span className="nums">{external.skipped.toLocaleString('en')}</span> are folders or not there
            </>
          )}
          . What is wanted and is among them is linked, not fetched.
        </p>
        <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
          <div className="min-w-[min(15rem,100%)] flex-1">
            <TextField
              label="Find one"
              placeholder="Name, SHA-256, or where it came from"
              value={sought}
              onChange={({ target }) => setSought(target.value)}
              required
              {...(find.error && { error: wordsOf(find.error).detail })}
            />
          </div>
          <Button type="submit" disabled={find.isPending}>
            Find
          </Button>
        </form>
        {find.data && (
          <p className="text-sm">
            <span className="font-medium">{find.data.name}</span>, {bytes(find.data.bytes)}
            {isGiven(find.data.base) && `, ${find.data.base}`}, found {waysFound[find.data.foundBy]}.
            <code className="block break-all text-ink-2">{find.data.absolutePath}</code>
          </p>
        )}
      </div>
    </Panel>
  )
}
