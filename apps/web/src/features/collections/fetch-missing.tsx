import { useMutation, useQuery } from '@tanstack/react-query'
import { ArrowDownToLine } from 'lucide-react'
import { useEffect, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { bytes, count } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Meter } from '../../ui/page.tsx'
import { tell } from '../../ui/toasts.tsx'
import { RefusalOf } from '../downloads/refusal.tsx'
import { downloadQuery } from '../downloads/under-way.ts'
import type { CollectionView } from '@easel/client'

/** One download of all that is not here, and how far it is. */
export function FetchMissing({ collection, mayChange }: { collection: CollectionView; mayChange: boolean }) {
  const { id, entries } = collection
  const [download, setDownload] = useState<string>()
  const missing = entries.filter(({ state }) => state !== 'installed')
  const fetchAll = useMutation({
    mutationFn: () => easel.collections.fetch(id, {}, { idempotencyKey: crypto.randomUUID() }),
    onSuccess: ({ download: made, unfetched }) => {
      if (made) {
        // It may have ended before its answer came.
        queries.setQueryData(downloadQuery(made.id).queryKey, (known) => known ?? made)
        setDownload(made.id)
        void queries.invalidateQueries({ queryKey: ['downloads'] })
      }
      if (unfetched.length > 0) {
        tell(`${count(unfetched.length, 'LoRA')} cannot be fetched`, {
          description: unfetched.map(({ title, problem }) => `${title}: ${problem}`).join('\n'),
        })
      }
    },
  })
  if (download !== undefined) return <Fetching id={download} collectionId={id} />
  if (missing.length === 0 || !mayChange) return null
  const size = missing.reduce((sum, entry) => sum + (entry.bytes ?? 0), 0)
  return (
    <>
      <Button
        className="max-md:order-1"
        icon={<ArrowDownToLine size={16} aria-hidden />}
        disabled={fetchAll.isPending}
        onClick={() => fetchAll.mutate()}
      >
        {fetchAll.isPending
          ? 'Looking them up …'
          : `Fetch ${count(missing.length, 'LoRA')}${size > 0 ? ` (${bytes(size)})` : ''}`}
      </Button>
      {fetchAll.error && (
        <div className="order-last w-full">
          <RefusalOf error={fetchAll.error} />
        </div>
      )}
    </>
  )
}

function Fetching({ id, collectionId }: { id: string; collectionId: string }) {
  const { data } = useQuery(downloadQuery(id))
  const status = data?.status
  useEffect(() => {
    // Its files are in the library a moment later, which tells so itself.
    if (status === 'completed' || status === 'failed')
      void queries.invalidateQueries({ queryKey: ['collections', 'one', collectionId] })
  }, [status, collectionId])
  if (!data || status === 'completed') return null
  const { bytesDone, bytesTotal, error } = data
  const share = isGiven(bytesTotal) && bytesTotal > 0 ? bytesDone / bytesTotal : undefined
  return (
    <div
      className="flex min-w-48 flex-1 max-md:order-1 flex-col justify-center gap-1.5 self-center"
      role="status"
    >
      <p className="nums text-sm text-ink-2">
        {status === 'failed'
          ? `It could not be fetched: ${error?.message ?? 'see Downloads'}`
          : `Being fetched: ${bytes(bytesDone)}${isGiven(bytesTotal) ? ` of ${bytes(bytesTotal)}` : ''}`}
      </p>
      {status !== 'failed' && <Meter value={share} label="LoRAs fetched" />}
    </div>
  )
}
