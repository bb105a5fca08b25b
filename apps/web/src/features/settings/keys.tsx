import { useMutation, useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { ago, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Panel, Status } from '../../ui/page.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { KeyForm } from './key-form.tsx'
import { SecretOnce } from './secret-once.tsx'
import { scopeNames } from './scopes.ts'
import type { KeyView } from '@easel/client'

const keysQuery = { queryKey: ['keys'], queryFn: () => easel.keys.list({ limit: 200 }), staleTime: 0 }

export function Keys() {
  const { data, error, refetch } = useQuery(keysQuery)
  const [shown, setShown] = useState<string>()
  const items = data?.items.filter(({ revokedAt }) => !isGiven(revokedAt)) ?? []
  const onMade = (key: string) => {
    setShown(key)
    void queries.invalidateQueries({ queryKey: keysQuery.queryKey })
  }
  return (
    <>
      <Panel className="overflow-hidden">
        <KeyForm onMade={onMade} />
        {shown !== undefined && (
          <SecretOnce what="The key" value={shown} onDone={() => setShown(undefined)}>
            This key is shown once. Keep it where nobody else reads.
          </SecretOnce>
        )}
      </Panel>
      <Panel title="Your keys">
        {error && !data && <Failure error={error} retry={() => void refetch()} />}
        {!data && !error && <Loading rows={2} className="p-4" />}
        {data && items.length === 0 && (
          <Empty title="No key yet" icon={<KeyRound size={28} strokeWidth={1.5} />}>
            Programs and the command line use a key instead of your password.
          </Empty>
        )}
        <ul className="divide-y">
          {items.map((item) => (
            <Key key={item.id} item={item} />
          ))}
        </ul>
      </Panel>
      <p className="text-sm text-ink-2">
        <code>easel login --key …</code> keeps a key for the command line; programs send it as{' '}
        <code>Authorization: Bearer …</code>. Without a space named in the request they work in your personal
        one.
      </p>
    </>
  )
}

function Key({ item }: { item: KeyView }) {
  const revoke = useMutation({
    mutationFn: () => easel.keys.revoke(item.id),
    onSuccess: () => {
      tell(`“${item.name}” no longer opens anything`)
      void queries.invalidateQueries({ queryKey: keysQuery.queryKey })
    },
    onError: tellError,
  })
  const isOver = isGiven(item.expiresAt) && Date.parse(item.expiresAt) < Date.now()
  const all = item.scopes.length === Object.keys(scopeNames).length
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-baseline gap-2">
          <span className="truncate font-medium" title={item.name} dir="auto">
            {item.name}
          </span>
          <code className="shrink-0 text-sm text-ink-2">…{item.hint.slice(-4)}</code>
        </p>
        <p className="text-sm text-ink-2" title={item.scopes.join(', ')}>
          {all ? 'everything' : item.scopes.map((scope) => scopeNames[scope]).join(', ')}
        </p>
        <p className="text-sm text-ink-3">
          <Used at={item.lastUsedAt} />
          {isGiven(item.expiresAt) && (
            <span title={exactTime(item.expiresAt)}>
              {isOver ? ', is over' : `, until ${new Date(item.expiresAt).toLocaleDateString()}`}
            </span>
          )}
        </p>
      </div>
      {isOver && <Status tone="warn">Expired</Status>}
      <Confirm
        trigger={
          <Button small look="quiet" disabled={revoke.isPending}>
            Revoke
          </Button>
        }
        title={`Revoke “${item.name}”?`}
        action="Revoke it"
        onConfirm={() => revoke.mutate()}
      >
        Whatever uses it stops at once. It cannot be taken back.
      </Confirm>
    </li>
  )
}

function Used({ at }: { at: string | null | undefined }) {
  if (!isGiven(at)) return 'never used'
  return (
    <time dateTime={at} title={exactTime(at)}>
      used {ago(at)}
    </time>
  )
}
