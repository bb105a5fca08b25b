import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { live } from '../../api/live.ts'
import { systemQuery } from '../../api/queries.ts'
import { Paced } from '../../lib/paced.ts'

/** So often at the most: each reading asks every part of the server how it is. */
const pauseMs = 1_500
const passing = new Set(['job.progress', 'job.preview'])

/** How the server is, read again when a worker changes or a job begins or ends; not by the clock. */
export function useLiveSystem() {
  const client = useQueryClient()
  useEffect(() => {
    const reading = new Paced(
      () => client.invalidateQueries({ queryKey: systemQuery.queryKey }),
      () => pauseMs,
    )
    const stopListening = live.listen({
      event: ({ type }) => {
        if (type.startsWith('job.') && !passing.has(type)) reading.ask()
      },
      gap: reading.ask,
    })
    // Of a connection that is back, nobody knows what was missed.
    const stopWatching = live.watch(() => live.state() === 'live' && reading.ask())
    return () => {
      reading[Symbol.dispose]()
      stopListening()
      stopWatching()
    }
  }, [client])
  return useQuery({ ...systemQuery, staleTime: 0 })
}
