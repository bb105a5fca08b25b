import { EaselError } from '@easel/client'
import { easel } from '../../api/easel.ts'
import { tell, tellError } from '../../ui/toasts.tsx'
import { nameOf } from '../queue/job-words.ts'
import { createSession } from './sessions.ts'
import type { AssetDetail } from '@easel/client'
import type { Draft } from './draft.ts'

type Source = { name: string; graph: Record<string, unknown> }

/** Opens the graph of a job or an asset in a session of its own, with its values as they were; says why if it cannot. */
export async function openHanded({
  asset,
  job,
}: {
  asset?: string
  job?: string
}): Promise<string | undefined> {
  try {
    const source = asset === undefined ? await sourceOfJob(job!) : await sourceOfAsset(asset)
    if (!source) {
      tell('This carries no workflow', {
        description: 'Only what ran here, and pictures that ComfyUI wrote, tell how they were made.',
      })
      return undefined
    }
    const draft: Draft = { ...source, values: {}, times: 1, seeds: 'keep', locked: [] }
    const { id } = await createSession({ title: source.name, draft })
    return id
  } catch (error) {
    tellError(error)
    return undefined
  }
}

async function sourceOfJob(id: string): Promise<Source> {
  const [job, { graph }] = await Promise.all([easel.jobs.get(id), easel.jobs.graph(id)])
  return { name: nameOf(job), graph }
}

/** Its job knows the inputs as assets; without one the file itself tells. */
async function sourceOfAsset(id: string): Promise<Source | undefined> {
  const asset = await easel.assets.get(id)
  if (asset.jobId) {
    try {
      const { graph } = await sourceOfJob(asset.jobId)
      return { name: titleOf(asset), graph }
    } catch (error) {
      if (!(error instanceof EaselError) || error.status !== 404) throw error
    }
  }
  return asset.graph ? { name: titleOf(asset), graph: asset.graph } : undefined
}

function titleOf({ prompt, filename }: AssetDetail): string {
  const words = prompt?.trim().split(/\s+/).slice(0, 6).join(' ').slice(0, 50).toWellFormed()
  return words || filename?.replace(/\.\w{1,5}$/, '') || 'From the gallery'
}
