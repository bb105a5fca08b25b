import { CloudDownload } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { Button } from '../ui/button.tsx'
import { Empty, Failure, Loading } from '../ui/states.tsx'
import { ViewMissing } from './load-view.ts'
import type { ErrorComponentProps } from '@tanstack/react-router'

/** In place of a view that failed; the frame around it goes on. */
export function ViewFault({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  if (error instanceof ViewMissing) return <Missing />
  const again = () => {
    reset()
    void router.invalidate()
  }
  return (
    <div className="p-4 md:p-6">
      <Failure error={error} retry={again} />
    </div>
  )
}

/** The code of a view did not come: the server is away, or has another version by now. */
function Missing() {
  const { data: isThere, refetch } = useQuery({
    queryKey: ['page-is-there'],
    queryFn: async () => (await fetch('/', { method: 'HEAD', cache: 'no-store' })).ok,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  if (isThere === undefined) return <Loading rows={1} className="p-6" />
  if (!isThere) {
    return (
      <Empty
        title="This view could not be fetched"
        action={<Button onClick={() => void refetch()}>Try again</Button>}
      >
        The server cannot be reached. The views that were open before still show what they know.
      </Empty>
    )
  }
  return (
    <Empty
      title="A new version of Easel is here"
      icon={<CloudDownload size={28} strokeWidth={1.5} />}
      action={
        <Button look="primary" onClick={() => location.reload()}>
          Reload
        </Button>
      }
    >
      This page is of the one before. Your drafts are kept.
    </Empty>
  )
}
