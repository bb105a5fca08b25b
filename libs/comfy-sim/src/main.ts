import { parseArgs } from 'node:util'
import { startComfySim } from './sim.ts'
import type { NodePack, PreviewMethod } from './options.ts'

const help = `comfy-sim: a simulator of a ComfyUI 0.33.0 server. No model runs here.

  --host <address>          default 127.0.0.1
  --port <number>           default 8188; 0 picks a free one
  --base-directory <path>   holds input, output and temp; a temporary one when not given
  --step-ms <ms>            time of a sampler step (20)
  --model-load-ms <ms>      time to load a model (200)
  --time-scale <factor>     multiplies all simulated times (1)
  --vram-gib <number>       reported video memory (24)
  --preview-method <name>   none, auto, latent2rgb or taesd (none)
  --model <folder>/<file>   adds a model file name; may be repeated
  --testing-pack            offers slow and failing nodes
  --help
`

const options = {
  host: { type: 'string' },
  port: { type: 'string', default: '8188' },
  'base-directory': { type: 'string' },
  'step-ms': { type: 'string' },
  'model-load-ms': { type: 'string' },
  'time-scale': { type: 'string' },
  'vram-gib': { type: 'string' },
  'preview-method': { type: 'string' },
  model: { type: 'string', multiple: true },
  'testing-pack': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

function numberOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!Number.isFinite(number) || number < 0) throw new Error(`--${name} wants a number, not '${text}'`)
  return number
}

function modelsOf(names: readonly string[]): Record<string, string[]> {
  const models: Record<string, string[]> = {}
  for (const name of names) {
    const slash = name.indexOf('/')
    if (slash <= 0) throw new Error(`--model wants folder/file, not '${name}'`)
    ;(models[name.slice(0, slash)] ??= []).push(name.slice(slash + 1))
  }
  return models
}

const previewMethods: readonly string[] = ['none', 'auto', 'latent2rgb', 'taesd']
const isPreviewMethod = (name: string): name is PreviewMethod => previewMethods.includes(name)

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const preview = values['preview-method'] ?? 'none'
  if (!isPreviewMethod(preview)) throw new Error(`--preview-method wants one of ${previewMethods.join(', ')}`)
  const vram = numberOf(values['vram-gib'], 'vram-gib')
  const packs: NodePack[] = values['testing-pack'] ? ['testing'] : []
  const sim = await startComfySim({
    host: values.host,
    port: numberOf(values.port, 'port'),
    baseDirectory: values['base-directory'],
    stepMs: numberOf(values['step-ms'], 'step-ms'),
    modelLoadMs: numberOf(values['model-load-ms'], 'model-load-ms'),
    timeScale: numberOf(values['time-scale'], 'time-scale'),
    vramBytes: vram === undefined ? undefined : vram * 1024 ** 3,
    previewMethod: preview,
    models: modelsOf(values.model ?? []),
    nodePacks: packs,
    log: (line) => process.stdout.write(`${line}\n`),
  })
  const stop = () => void sim.close()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
