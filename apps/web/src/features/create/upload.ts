import { useRef, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { sentenceOf } from './say.ts'

const kinds = { image: /^image\//, file: /./ } as const

/** One upload at a time; `problem` is for the reader. */
export function useUpload(kind: keyof typeof kinds, onDone: (assetId: string) => void) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const going = useRef<AbortController>(undefined)
  const upload = async (file: File | undefined) => {
    if (!file || going.current) return
    const refusal = refusalOf(file, kind)
    setProblem(refusal)
    if (refusal !== undefined) return
    const abort = new AbortController()
    going.current = abort
    setBusy(true)
    try {
      const { id } = await easel.assets.upload(
        file,
        { filename: file.name || 'pasted.png', contentType: file.type || 'application/octet-stream' },
        { signal: abort.signal },
      )
      onDone(id)
    } catch (error) {
      if (!abort.signal.aborted) setProblem(sentenceOf(error))
    } finally {
      going.current = undefined
      setBusy(false)
    }
  }
  return { upload, busy, problem, stop: () => going.current?.abort() }
}

function refusalOf({ size, type, name }: File, kind: keyof typeof kinds): string | undefined {
  if (size === 0) return `“${name}” is empty.`
  if (type !== '' && !kinds[kind].test(type)) return `“${name}” is no picture.`
  return undefined
}
