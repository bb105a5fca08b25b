import { useEffect, useRef } from 'react'
import { live } from '../../api/live.ts'
import { queries } from '../../api/queries.ts'
import type { LibraryFileView, ModelCard } from '@easel/client'

const settleMs = 500

/**
 * Asks again for what a search shows when a file of one of its models came or went. Not for every file: while a library
 * is scanned, thousands are told.
 */
export function useFreshCards(cards: readonly ModelCard[]): void {
  const shown = useRef(new Set<string>())
  shown.current = new Set(cards.map(({ source, id }) => `${source}:${id}`))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = live.listen({
      event: ({ type, data }) => {
        if (!type.startsWith('library.file')) return
        const { id, modelSource, modelId } = data as LibraryFileView
        if (!shown.current.has(`${modelSource}:${modelId}`) && !shown.current.has(`local:${id}`)) return
        timer ??= setTimeout(() => {
          timer = undefined
          void queries.invalidateQueries({ queryKey: ['search'] })
        }, settleMs)
      },
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [])
}
