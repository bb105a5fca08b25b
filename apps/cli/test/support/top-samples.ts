import type { BundleStatus } from '@easel/client'

export type File = BundleStatus['files'][number]

export function aFile(filename: string, more: Partial<File> = {}): File {
  return {
    folder: 'diffusion_models',
    filename,
    urls: [`https://models.example/${filename}`],
    bytes: 1_000,
    state: 'missing',
    progress: 0,
    ...more,
  }
}

export function aBundle(id: string, files: File[]): BundleStatus {
  return { id, state: 'partial', progress: 0, bytesPresent: 0, bytesTotal: 0, files }
}

/** A pair, a file that is here, and two of another folder. */
export const wan = aBundle('wan', [
  aFile('wan_high_noise.safetensors', { noise: 'high' }),
  aFile('wan_low_noise.safetensors', { noise: 'low' }),
  aFile('wan_t5.safetensors', { folder: 'text_encoders', state: 'present' }),
  aFile('wan_vae.safetensors', { folder: 'vae' }),
  aFile('wan_tae.safetensors', { folder: 'vae', state: 'partial', progress: 0.4 }),
])
