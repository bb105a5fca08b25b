import { analyse } from './analysis.ts'
import { readWorkflowFile } from './read-workflow.ts'
import type { Picked } from './read-workflow.ts'

/** What the server takes: it says best what is wrong with another. Throws with what to say. */
export async function checkWorkflow(picked: Picked): Promise<Picked> {
  const { format, graph, faults } = await analyse(picked.graph)
  if (format === 'ui')
    throw new Error(faults[0]?.message ?? 'This is a workflow in the format of ComfyUI’s page.')
  return { ...picked, graph: graph ?? picked.graph }
}

export const checkFile = async (file: File): Promise<Picked> => checkWorkflow(await readWorkflowFile(file))
