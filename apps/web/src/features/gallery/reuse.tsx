import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { FileJson, ImagePlus, RotateCcw, SquarePen, WandSparkles } from 'lucide-react'
import { stringifyJson } from '@easel/protocol'
import { easel } from '../../api/easel.ts'
import { isGiven } from '../../lib/given.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { tell, tellError } from '../../ui/toasts.tsx'
import { recipeOf } from './recipe-of.ts'
import type { AssetDetail, AssetView } from '@easel/client'

type ReuseProps = { asset: AssetView; detail: AssetDetail | undefined; mayWrite: boolean }

/** What can be made of it again. */
export function Reuse({ asset, detail, mayWrite }: ReuseProps) {
  const { id, kind, jobId } = asset
  const navigate = useNavigate()
  const graph = detail?.graph
  const recipe = recipeOf(asset, graph)
  return (
    <div className="flex flex-wrap gap-2 empty:hidden">
      {graph && mayWrite && (
        <ButtonLink
          small
          look="primary"
          to="/create"
          search={{ asset: id }}
          icon={<SquarePen size={15} aria-hidden />}
        >
          Open in Create
        </ButtonLink>
      )}
      {recipe && mayWrite && (
        <Button
          small
          icon={<WandSparkles size={15} aria-hidden />}
          title="Prompt, seed, sampler, size and model, in the workflow that is open in Create"
          onClick={() => void navigate({ to: '/create', state: { recipe } })}
        >
          Use settings
        </Button>
      )}
      {(kind === 'image' || kind === 'video' || kind === 'audio') && mayWrite && (
        <ButtonLink small to="/create" search={{ input: id }} icon={<ImagePlus size={15} aria-hidden />}>
          Use as input
        </ButtonLink>
      )}
      {isGiven(jobId) && mayWrite && <RunAgain jobId={jobId} />}
      {graph && (
        <Button
          small
          icon={<FileJson size={15} aria-hidden />}
          title="Download the graph in API format"
          onClick={() => saveJson(`${id}.json`, graph)}
        >
          Graph
        </Button>
      )}
      {detail?.workflow && (
        <Button
          small
          icon={<FileJson size={15} aria-hidden />}
          title="Download the workflow in the format of ComfyUI’s page"
          onClick={() => saveJson(`${id}-workflow.json`, detail.workflow!)}
        >
          Workflow
        </Button>
      )}
    </div>
  )
}

function RunAgain({ jobId }: { jobId: string }) {
  const run = useMutation({
    mutationFn: () => easel.jobs.retry(jobId),
    onSuccess: () => tell('It runs again', { description: 'The result appears in the gallery.' }),
    onError: tellError,
  })
  return (
    <Button
      small
      icon={<RotateCcw size={15} aria-hidden />}
      disabled={run.isPending}
      onClick={() => run.mutate()}
    >
      Run again
    </Button>
  )
}

function saveJson(name: string, value: object): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([stringifyJson(value)], { type: 'application/json' }))
  link.download = name
  link.click()
  // Some browsers read it a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
