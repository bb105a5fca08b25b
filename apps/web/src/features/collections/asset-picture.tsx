import { ImageOff } from 'lucide-react'
import { useState } from 'react'

/** It may have been deleted since. */
export function AssetPicture({ id, size, alt }: { id: string; size: 256 | 512; alt: string }) {
  const [gone, setGone] = useState(false)
  if (gone) {
    return (
      <span className="grid size-full place-items-center bg-hover text-ink-3" title="This picture is gone">
        <ImageOff size={18} strokeWidth={1.5} aria-label="This picture is gone" />
      </span>
    )
  }
  return (
    <img
      src={`/api/assets/${id}/thumbnail?size=${size}`}
      alt={alt}
      loading="lazy"
      decoding="async"
      className="size-full object-cover"
      onError={() => setGone(true)}
    />
  )
}
