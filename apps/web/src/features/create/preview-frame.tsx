import { useEffect, useState } from 'react'
import { live } from '../../api/live.ts'

const maxHeight = 560

/** The newest preview of a job that runs, in the box that its result will have. */
export function PreviewFrame({ jobId, shape }: { jobId: string; shape: number }) {
  const url = usePreview(jobId)
  return (
    <div
      className="overflow-hidden border-b bg-inset"
      style={{ aspectRatio: shape, maxHeight, width: '100%' }}
    >
      {url !== undefined && <img src={url} alt="Preview" className="size-full object-contain" />}
    </div>
  )
}

export function usePreview(jobId: string): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    let last: string | undefined
    const stop = live.listen({
      preview: (preview) => {
        if (preview.jobId !== jobId) return
        const next = URL.createObjectURL(preview.picture)
        setUrl(next)
        if (last !== undefined) URL.revokeObjectURL(last)
        last = next
      },
    })
    return () => {
      stop()
      if (last !== undefined) URL.revokeObjectURL(last)
    }
  }, [jobId])
  return url
}
