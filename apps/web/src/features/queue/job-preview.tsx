import { useEffect, useState } from 'react'
import { live } from '../../api/live.ts'

/** What a job makes, as far as it has come. */
export function JobPreview({ id }: { id: string }) {
  const [source, setSource] = useState<string>()
  useEffect(() => {
    let last: string | undefined
    const stop = live.listen({
      preview: ({ jobId, picture }) => {
        if (jobId !== id) return
        if (last !== undefined) URL.revokeObjectURL(last)
        last = URL.createObjectURL(picture)
        setSource(last)
      },
    })
    return () => {
      stop()
      if (last !== undefined) URL.revokeObjectURL(last)
    }
  }, [id])
  if (source === undefined) return null
  return (
    <img
      src={source}
      alt="What it makes now"
      className="max-h-64 w-full rounded-control bg-inset object-contain"
    />
  )
}
