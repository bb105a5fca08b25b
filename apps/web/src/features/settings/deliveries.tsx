import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { ChevronDown, RotateCcw, Send } from 'lucide-react'
import clsx from 'clsx'
import { useEffect, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { ago, duration, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Status } from '../../ui/page.tsx'
import { Segments } from '../../ui/segments.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { deliveryTones, resultWords } from './webhook-words.ts'
import type { DeliveryView } from '@easel/client'

type Shown = DeliveryView['status'] | 'all'

/** What is sent is told by no event: how long after asking for one it is looked for, each time longer. */
const looksMs = [300, 1_000, 3_000, 8_000, 16_000]

/** What was sent or will be, the newest first. */
export function Deliveries({ id, canWrite, canTest }: { id: string; canWrite: boolean; canTest: boolean }) {
  const [shown, setShown] = useState<Shown>('all')
  const [asked, setAsked] = useState(0)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['webhooks', 'deliveries', id, shown],
    queryFn: ({ pageParam }) =>
      easel.webhooks.deliveries(id, {
        limit: 25,
        ...(shown !== 'all' && { status: shown }),
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: 0,
  })
  useEffect(() => {
    if (asked === 0) return
    const timers = looksMs.map((ms) =>
      setTimeout(() => void queries.invalidateQueries({ queryKey: ['webhooks'] }), ms),
    )
    return () => {
      for (const timer of timers) clearTimeout(timer)
    }
  }, [asked])
  const onSent = () => setAsked((count) => count + 1)
  const test = useMutation({
    mutationFn: () => easel.webhooks.test(id),
    onSuccess: () => {
      tell('A test is on its way')
      onSent()
    },
    onError: tellError,
  })
  const items = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <section className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="mr-auto text-lg font-medium">Deliveries</h3>
        <Segments
          label="Which deliveries"
          value={shown}
          choices={[
            { value: 'all', name: 'All' },
            { value: 'pending', name: 'Under way' },
            { value: 'failed', name: 'Failed' },
          ]}
          onChoose={setShown}
        />
        {canWrite && (
          <Button
            small
            icon={<Send size={15} aria-hidden />}
            disabled={test.isPending || !canTest}
            onClick={() => test.mutate()}
          >
            Send a test
          </Button>
        )}
      </div>
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={3} />}
      {data && items.length === 0 && (
        <Empty title="Nothing has been sent">
          What happens from now on is. A test shows whether your server hears it.
        </Empty>
      )}
      {items.length > 0 && (
        <ul className="divide-y rounded-panel border" aria-label="Deliveries">
          {items.map((delivery) => (
            <Delivery key={delivery.id} delivery={delivery} canWrite={canWrite} onSent={onSent} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older ones
        </Button>
      )}
    </section>
  )
}

function Delivery({
  delivery,
  canWrite,
  onSent,
}: {
  delivery: DeliveryView
  canWrite: boolean
  onSent: () => void
}) {
  const { id, webhookId, type, status, attempts, lastStatus, lastError, nextAttemptAt, createdAt } = delivery
  const [open, setOpen] = useState(false)
  const again = useMutation({
    mutationFn: () => easel.webhooks.redeliver(webhookId, id),
    onSuccess: () => {
      tell('It is sent again')
      onSent()
    },
    onError: tellError,
  })
  const { name, tone } = deliveryTones[status]
  const isLater = status === 'pending' && attempts > 0 && isGiven(nextAttemptAt)
  return (
    <li>
      <div className="flex items-center gap-2 px-3 py-2">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 flex-1 items-center gap-2 rounded-control text-left"
        >
          <ChevronDown
            size={15}
            className={clsx('shrink-0 text-ink-3 transition-transform', !open && '-rotate-90')}
            aria-hidden
          />
          <span className="min-w-0 flex-1">
            <span className="flex items-center gap-3">
              <code className="truncate font-mono text-sm">{type}</code>
              <Status tone={tone}>{name}</Status>
            </span>
            <span className="block text-sm text-ink-2">
              {resultWords(lastStatus, lastError)}
              {isLater && `, again at ${new Date(nextAttemptAt).toLocaleTimeString()}`}
            </span>
          </span>
        </button>
        <time
          className="text-sm whitespace-nowrap text-ink-3"
          dateTime={createdAt}
          title={exactTime(createdAt)}
        >
          {ago(createdAt)}
        </time>
        {canWrite && (
          <Button
            small
            look="quiet"
            icon={<RotateCcw size={15} aria-hidden />}
            disabled={again.isPending}
            onClick={() => again.mutate()}
            aria-label={`Send ${type} again`}
          />
        )}
      </div>
      {open && <AttemptLog webhookId={webhookId} id={id} />}
    </li>
  )
}

function AttemptLog({ webhookId, id }: { webhookId: string; id: string }) {
  const { data, error } = useQuery({
    queryKey: ['webhooks', 'delivery', id],
    queryFn: () => easel.webhooks.delivery(webhookId, id),
  })
  if (error && !data) return <Failure error={error} />
  if (!data) return <Loading rows={1} className="p-3" />
  return (
    <div className="flex flex-col gap-1 border-t bg-canvas px-3 py-2 pl-9 text-sm">
      {data.log.length === 0 && <p className="text-ink-2">It has not been tried yet.</p>}
      <ol>
        {data.log.map(({ number, at, durationMs, status, error: fault }) => (
          <li key={number} className="flex flex-wrap gap-x-3">
            <span className="nums text-ink-3">{number}</span>
            <time dateTime={at}>{exactTime(at)}</time>
            <span className="nums text-ink-2">{duration(durationMs / 1_000)}</span>
            <span>{resultWords(status, fault)}</span>
          </li>
        ))}
      </ol>
      <p className="text-ink-3">
        <code className="font-mono text-xs">webhook-id: {id}</code>
      </p>
    </div>
  )
}
