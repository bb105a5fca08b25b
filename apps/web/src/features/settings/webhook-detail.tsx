import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { ago, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Confirm, Dialog } from '../../ui/dialog.tsx'
import { Status } from '../../ui/page.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { Deliveries } from './deliveries.tsx'
import { SecretOnce } from './secret-once.tsx'
import { WebhookForm } from './webhook-form.tsx'
import { heardOf, offReason } from './webhook-words.ts'
import type { UpdateWebhook, WebhookView } from '@easel/client'

type DetailProps = { id: string; canWrite: boolean; onGone: () => void }

export function WebhookDetail({ id, canWrite, onGone }: DetailProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['webhooks', 'one', id],
    queryFn: () => easel.webhooks.get(id),
    staleTime: 0,
  })
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Loading rows={4} className="p-6" />
  return (
    <div className="flex flex-col gap-5 p-4 md:p-6">
      <header className="flex flex-col gap-1 pr-10">
        <h2 className="text-lg font-semibold">{data.url ?? 'The URLs that jobs name'}</h2>
        {data.description !== '' && <p dir="auto">{data.description}</p>}
        <p className="text-ink-2">Hears of {heardOf(data)}.</p>
        <State webhook={data} />
      </header>
      {canWrite && <Actions webhook={data} onGone={onGone} />}
      <Deliveries id={id} canWrite={canWrite} canTest={data.kind === 'endpoint' && data.enabled} />
    </div>
  )
}

function State({ webhook }: { webhook: WebhookView }) {
  const { enabled, failingSince, previousSecretUntil } = webhook
  const turns = isGiven(previousSecretUntil) && Date.parse(previousSecretUntil) > Date.now()
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3">
        {!enabled ? (
          <>
            <Status tone="neutral">Off</Status>
            <span className="text-sm text-ink-2">{offReason(webhook)}</span>
          </>
        ) : failingSince ? (
          <>
            <Status tone="bad">Failing</Status>
            <span className="text-sm text-ink-2">
              Nothing has arrived since {ago(failingSince)}; after three days it is switched off.
            </span>
          </>
        ) : (
          <Status tone="good">On</Status>
        )}
      </div>
      {turns && (
        <p className="text-sm text-ink-2">
          Until {exactTime(previousSecretUntil)} the secret of before signs, too.
        </p>
      )}
    </>
  )
}

function Actions({ webhook, onGone }: { webhook: WebhookView; onGone: () => void }) {
  const { id, enabled, kind } = webhook
  const [isEditing, setEditing] = useState(false)
  const [secret, setSecret] = useState<string>()
  const readAgain = () => void queries.invalidateQueries({ queryKey: ['webhooks'] })
  const change = useMutation({
    mutationFn: (wish: UpdateWebhook) => easel.webhooks.update(id, wish),
    onSuccess: () => {
      setEditing(false)
      readAgain()
    },
  })
  const rotate = useMutation({
    mutationFn: () => easel.webhooks.rotateSecret(id),
    onSuccess: (made) => {
      setSecret(made.secret)
      readAgain()
    },
    onError: tellError,
  })
  const remove = useMutation({
    mutationFn: () => easel.webhooks.delete(id),
    onSuccess: () => {
      tell('The webhook is deleted')
      onGone()
      readAgain()
    },
    onError: tellError,
  })
  const toggle = () => change.mutate({ enabled: !enabled }, { onError: tellError })
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button small disabled={change.isPending} onClick={toggle}>
          {enabled ? 'Switch off' : 'Switch on'}
        </Button>
        {kind === 'endpoint' && (
          <Button small onClick={() => setEditing(true)}>
            Change
          </Button>
        )}
        <Confirm
          trigger={
            <Button small disabled={rotate.isPending}>
              New secret
            </Button>
          }
          title="Make a new secret?"
          action="Make it"
          onConfirm={() => rotate.mutate()}
        >
          For 24 hours deliveries are signed with both, so that your server can take over at any time.
        </Confirm>
        <Confirm
          trigger={
            <Button small look="danger" disabled={remove.isPending}>
              Delete
            </Button>
          }
          title="Delete this webhook?"
          action="Delete it"
          onConfirm={() => remove.mutate()}
        >
          Its log goes with it, and what has not been sent yet is not.
        </Confirm>
      </div>
      {secret !== undefined && (
        <div className="overflow-hidden rounded-panel border">
          <SecretOnce what="The secret" value={secret} onDone={() => setSecret(undefined)}>
            The new secret is shown once.
          </SecretOnce>
        </div>
      )}
      <Dialog title="Change the webhook" open={isEditing} onClose={() => setEditing(false)}>
        <WebhookForm
          webhook={webhook}
          action="Save"
          error={change.error}
          isPending={change.isPending}
          onSubmit={(wish) => change.mutate(wish)}
        />
      </Dialog>
    </>
  )
}
