import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronRight, Plus, Webhook as WebhookIcon } from 'lucide-react'
import { useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { useSpace } from '../../api/space.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Panel, Status } from '../../ui/page.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { SecretOnce } from './secret-once.tsx'
import { WebhookDetail } from './webhook-detail.tsx'
import { WebhookForm } from './webhook-form.tsx'
import { heardOf } from './webhook-words.ts'
import type { WebhookView } from '@easel/client'
import type { WebhookWish } from './webhook-form.tsx'

export function Webhooks() {
  const { id } = useSearch({ from: '/studio/settings' })
  const navigate = useNavigate({ from: '/settings' })
  const space = useSpace()
  const { data, error, refetch } = useQuery({
    queryKey: ['webhooks', 'list', space.id],
    queryFn: () => easel.webhooks.list({ spaceId: space.id, limit: 100 }),
    staleTime: 0,
  })
  const [isMaking, setMaking] = useState(false)
  const [secret, setSecret] = useState<string>()
  const make = useMutation({
    mutationFn: (wish: WebhookWish) => easel.webhooks.create({ ...wish, spaceId: space.id }),
    onSuccess: (made) => {
      setMaking(false)
      setSecret(made.secret)
      void queries.invalidateQueries({ queryKey: ['webhooks'] })
    },
  })
  const show = (shown: string | undefined) =>
    void navigate({ search: { part: 'webhooks', ...(shown !== undefined && { id: shown }) } })
  return (
    <>
      <Panel
        title="In this space"
        className="overflow-hidden"
        actions={
          space.canWrite && (
            <Button small icon={<Plus size={15} aria-hidden />} onClick={() => setMaking(true)}>
              New webhook
            </Button>
          )
        }
      >
        {secret !== undefined && (
          <SecretOnce what="The secret" value={secret} onDone={() => setSecret(undefined)}>
            What it is sent is signed with this secret. It is shown once.
          </SecretOnce>
        )}
        {error && !data && <Failure error={error} retry={() => void refetch()} />}
        {!data && !error && <Loading rows={2} className="p-4" />}
        {data?.items.length === 0 && (
          <Empty title="No webhook yet" icon={<WebhookIcon size={28} strokeWidth={1.5} />}>
            A webhook tells a server of yours by itself when a job ends, a picture is made or a download is
            done.
          </Empty>
        )}
        <ul className="divide-y" aria-label="Webhooks">
          {data?.items.map((webhook) => (
            <Row key={webhook.id} webhook={webhook} onOpen={() => show(webhook.id)} />
          ))}
        </ul>
      </Panel>
      <Dialog title="New webhook" open={isMaking} onClose={() => setMaking(false)}>
        <WebhookForm
          action="Make it"
          error={make.error}
          isPending={make.isPending}
          onSubmit={(wish) => make.mutate(wish)}
        />
      </Dialog>
      {id !== undefined && (
        <Sheet name="Webhook" onClose={() => show(undefined)}>
          <WebhookDetail key={id} id={id} canWrite={space.canWrite} onGone={() => show(undefined)} />
        </Sheet>
      )}
    </>
  )
}

function Row({ webhook, onOpen }: { webhook: WebhookView; onOpen: () => void }) {
  const { url, description, enabled, failingSince } = webhook
  const title = url ?? 'The URLs that jobs name'
  return (
    <li>
      <button
        type="button"
        onClick={onOpen}
        className="flex w-full items-center gap-3 px-4 py-2.5 text-left hover:bg-hover"
      >
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-3">
            <span className="truncate font-medium" title={title}>
              {title}
            </span>
            {!enabled ? (
              <Status tone="neutral">Off</Status>
            ) : failingSince ? (
              <Status tone="bad">Failing</Status>
            ) : (
              <Status tone="good">On</Status>
            )}
          </span>
          <span className="line-clamp-2 text-sm text-ink-2" dir="auto">
            {[description, `hears of ${heardOf(webhook)}`].filter(Boolean).join(' · ')}
          </span>
        </span>
        <ChevronRight size={16} className="shrink-0 text-ink-3" aria-hidden />
      </button>
    </li>
  )
}
