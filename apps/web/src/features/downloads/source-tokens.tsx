import { useMutation, useQuery } from '@tanstack/react-query'
import { ExternalLink, KeyRound } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { wordsOf } from '../../api/words.ts'
import { ago, exactTime } from '../../lib/format.ts'
import { formText } from '../../lib/form-text.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Panel, Status } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { useHashScroll } from './use-hash-scroll.ts'
import type { TokenView } from '@easel/client'
import type { FormEvent } from 'react'

const sources = {
  civitai: { name: 'CivitAI', made: 'https://civitai.com/user/account' },
  huggingface: { name: 'Hugging Face', made: 'https://huggingface.co/settings/tokens' },
} as const

/** For models that are not given to everybody. A token goes in and never comes out. */
export function SourceTokens() {
  const { data, error, refetch } = useQuery({
    queryKey: ['source-tokens'],
    queryFn: () => easel.tokens.list(),
  })
  const box = useHashScroll('tokens', data !== undefined)
  return (
    <div ref={box} id="tokens" className="scroll-mt-4">
      <Panel title="Tokens of the sources">
        <p className="max-w-[80ch] px-4 pt-3 text-sm text-ink-2">
          Some models want a log-in, or that somebody asked for access. Downloads of everybody here use these
          tokens; each is sent to its own source only, and never shown again.
        </p>
        {error && !data && <Failure error={error} retry={() => void refetch()} />}
        {!data && !error && <Loading rows={2} className="p-4" />}
        <ul className="divide-y">
          {data?.items.map((token) => (
            <Token key={token.source} token={token} />
          ))}
        </ul>
      </Panel>
    </div>
  )
}

function Token({ token: { source, hasToken, hint, updatedAt } }: { token: TokenView }) {
  const [editing, setEditing] = useState(false)
  const [sure, setSure] = useState(false)
  const { name, made } = sources[source]
  const readAgain = () => void queries.invalidateQueries({ queryKey: ['source-tokens'] })
  const remove = useMutation({
    mutationFn: () => easel.tokens.remove(source),
    onSuccess: () => {
      tell(`The token of ${name} is removed`)
      readAgain()
    },
    onError: tellError,
  })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3" aria-label={name}>
      <KeyRound size={16} className="text-ink-3" aria-hidden />
      <div className="min-w-0 flex-1 basis-40">
        <p className="font-medium">{name}</p>
        <p className="text-sm text-ink-2">
          {hasToken ? (
            <>
              {isGiven(hint) && (
                <>
                  Ends with <code>{hint}</code>
                </>
              )}
              {isGiven(updatedAt) && <span title={exactTime(updatedAt)}>, set {ago(updatedAt)}</span>}
            </>
          ) : (
            <a
              href={made}
              target="_blank"
              rel="noreferrer noopener"
              className="inline-flex items-center gap-1 text-accent underline"
            >
              Make one there <ExternalLink size={12} aria-hidden />
            </a>
          )}
        </p>
      </div>
      <Status tone={hasToken ? 'good' : 'neutral'}>{hasToken ? 'Has key' : 'No key'}</Status>
      <span className="flex gap-2">
        <Button small aria-expanded={editing} onClick={() => setEditing(!editing)}>
          {hasToken ? 'Replace' : 'Set'}
        </Button>
        {hasToken && (
          <Button
            small
            look={sure ? 'danger' : 'quiet'}
            disabled={remove.isPending}
            onBlur={() => setSure(false)}
            onClick={() => (sure ? remove.mutate() : setSure(true))}
          >
            {sure ? 'Really remove' : 'Remove'}
          </Button>
        )}
      </span>
      {editing && (
        <Editor
          source={source}
          onDone={() => {
            setEditing(false)
            readAgain()
          }}
        />
      )}
    </li>
  )
}

function Editor({ source, onDone }: { source: TokenView['source']; onDone: () => void }) {
  const { name } = sources[source]
  const save = useMutation({
    mutationFn: (token: string) => easel.tokens.set(source, token),
    onSuccess: () => {
      tell(`The token of ${name} is stored`)
      onDone()
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    save.mutate(formText(new FormData(event.currentTarget), 'token').trim())
  }
  return (
    <form onSubmit={submit} className="flex basis-full flex-wrap items-end gap-3">
      <div className="min-w-0 flex-1 basis-60">
        <TextField
          label={`Token of ${name}`}
          name="token"
          type="password"
          autoComplete="off"
          minLength={8}
          maxLength={500}
          required
          {...(save.error && { error: wordsOf(save.error).detail })}
        />
      </div>
      <Button type="submit" look="primary" disabled={save.isPending}>
        Store
      </Button>
    </form>
  )
}
