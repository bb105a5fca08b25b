import { useNavigate } from '@tanstack/react-router'
import { easel } from '../../api/easel.ts'
import { tell, tellError } from '../../ui/toasts.tsx'
import { valuesFrom } from './form-model.ts'
import type { JobView } from '@easel/client'
import type { FormOptions } from './form-options.ts'

/** What can be done with a result besides looking at it. */
export type ResultDeeds = {
  useSettings: (job: JobView) => void
  useAsInput: (assetId: string) => void
}

export function useDeeds(options: FormOptions | undefined, onForm?: () => void): ResultDeeds {
  const navigate = useNavigate({ from: '/create' })
  const again = async (job: JobView) => {
    try {
      const { graph } = await easel.jobs.graph(job.id)
      const own = options && (options.analysis.graph ?? options.draft.graph)
      const values = options && valuesFrom(graph, options.analysis.parameters, own!)
      // Of another workflow: in a session of its own.
      if (!options || !values) return await navigate({ search: { job: job.id } })
      const { draft, update } = options
      update({ ...draft, values, seeds: 'keep', locked: [] })
      onForm?.()
      tell('The settings of that run are back', { undo: () => update(draft) })
    } catch (error) {
      tellError(error)
    }
  }
  return {
    useSettings: (job) => void again(job),
    useAsInput: (input) => {
      onForm?.()
      void navigate({ search: (before) => ({ ...before, input }) })
    },
  }
}
