import { totalmem, freemem } from 'node:os'
import type { Route } from './http-server.ts'
import type { ModelMemory } from './model-memory.ts'
import type { NodeCatalog } from './node-catalog.ts'
import type { Settings } from './options.ts'
import { serverFeatures } from './sockets.ts'

export type InfoParts = { settings: Settings; catalog: NodeCatalog; memory: ModelMemory }

const modelFolders = (
  'checkpoints configs loras vae text_encoders diffusion_models clip_vision style_models embeddings diffusers vae_approx ' +
  'controlnet gligen upscale_models latent_upscale_models custom_nodes datasets hypernetworks photomaker classifiers ' +
  'model_patches audio_encoders background_removal frame_interpolation geometry_estimation optical_flow detection'
).split(' ')

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>comfy-sim</title></head>
<body><h1>This is a simulator</h1>
<p>comfy-sim answers like a ComfyUI 0.33.0 server. It runs nodes that need no model; whatever a sampler makes here is painted
from its seed and prompt and marked as simulated. No model runs.</p></body></html>
`

/** What a client asks a server about itself. */
export function infoRoutes({ settings, catalog, memory }: InfoParts): Route[] {
  const models = (folder: string) => settings.models.get(folder)
  const knows = (folder: string) => modelFolders.includes(folder) || settings.models.has(folder)

  const stats = () => {
    const total = settings.vramBytes
    const used = memory.usedBytes
    return {
      system: {
        os: process.platform,
        ram_total: totalmem(),
        ram_free: freemem(),
        comfyui_version: '0.33.0',
        required_frontend_version: '1.49.6',
        installed_templates_version: null,
        required_templates_version: '0.11.44',
        comfy_package_versions: [],
        python_version: '3.14.10 (simulator)',
        pytorch_version: '2.14.1+simulator',
        embedded_python: false,
        deploy_environment: 'simulator',
        argv: ['comfy-sim', '--simulator'],
      },
      devices: [
        {
          name: 'cuda:0 comfy-sim simulator : native',
          type: 'cuda',
          index: 0,
          vram_total: total,
          vram_free: total - used,
          torch_vram_total: used,
          torch_vram_free: 0,
        },
      ],
    }
  }

  const empty = (path: string, json: unknown): Route => ({ method: 'GET', path, handle: () => ({ json }) })
  return [
    {
      method: 'GET',
      path: '/',
      handle: () => ({ bytes: Buffer.from(page), headers: { 'Content-Type': 'text/html; charset=utf-8' } }),
    },
    { method: 'GET', path: '/system_stats', handle: () => ({ json: stats() }) },
    { method: 'GET', path: '/features', handle: () => ({ json: serverFeatures }) },
    { method: 'GET', path: '/object_info', handle: () => ({ json: catalog.objectInfo() }) },
    {
      method: 'GET',
      path: '/object_info/{class}',
      handle: (_request, [name]) => {
        const info = catalog.describe(name!)
        return { json: info ? { [name!]: info } : {} }
      },
    },
    { method: 'GET', path: '/models', handle: () => ({ json: modelFolders }) },
    {
      method: 'GET',
      path: '/models/{folder}',
      handle: (_request, [folder]) => (knows(folder!) ? { json: models(folder!) } : { status: 404 }),
    },
    {
      method: 'GET',
      path: '/embeddings',
      handle: () => ({ json: models('embeddings').map((name) => name.replace(/\.[^.]+$/, '')) }),
    },
    { method: 'GET', path: '/view_metadata/{folder}', handle: () => ({ status: 404 }) },
    { method: 'GET', path: '/userdata', handle: () => ({ status: 404, text: 'Directory not found' }) },
    empty('/extensions', []),
    empty('/users', { storage: 'server', migrated: false }),
    empty('/settings', {}),
    empty('/i18n', {}),
    empty('/node_replacements', {}),
    empty('/workflow_templates', {}),
    empty('/global_subgraphs', {}),
  ]
}
